import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  allows,
  isPrivateAddress,
  isWithin,
  parseAddressAllowList,
} from '../../../auth/api-keys/address-allow-list.js';
import { BulkheadError } from '../../../errors/bulkhead-error.js';

const parse = (...entries: string[]) => parseAddressAllowList(entries, 'input.allowedCidrs');

describe('parseAddressAllowList', () => {
  it.each([
    ['*', '*'],
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['192.0.2.1/32', '192.0.2.1'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['2001:db8::1/128', '2001:db8::1'],
    ['::/0', '::/0'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:0201', '192.0.2.1'],
    ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
  ])('writes %s as %s', (entry, expected) => {
    expect(parse(entry)).toEqual([expected]);
  });

  it.each([
    ['', 'must be *'],
    ['127.1', 'must be *'],
    ['010.0.0.1', 'must be *'],
    ['0x7f.0.0.1', 'must be *'],
    ['1.2.3.4.5', 'must be *'],
    ['1.2.3.256', 'must be *'],
    [' 1.2.3.4', 'must be *'],
    ['1.2.3.4\n', 'must be *'],
    ['1.2.3.4\u0000', 'must be *'],
    ['**', 'must be *'],
    ['*/0', 'must be *'],
    ['fe80::1%eth0', 'must be *'],
    ['[::1]', 'must be *'],
    ['localhost', 'must be *'],
    [':::', 'must be *'],
    ['1.2.3.4/', 'prefix length of 0 to 32'],
    ['1.2.3.4/33', 'prefix length of 0 to 32'],
    ['1.2.3.4/-1', 'prefix length of 0 to 32'],
    ['1.2.3.4/032', 'prefix length of 0 to 32'],
    ['1.2.3.0/24/24', 'prefix length of 0 to 32'],
    ['1.2.3.0/255.255.255.0', 'prefix length of 0 to 32'],
    ['2001:db8::/129', 'prefix length of 0 to 128'],
    ['10.0.0.1/8', 'bits set beyond its prefix length'],
    ['2001:db8::1/64', 'bits set beyond its prefix length'],
    ['::ffff:10.0.0.1/104', 'bits set beyond its prefix length'],
    ['::ffff:0:0/95', 'must not mix IPv4-mapped addresses'],
  ])('refuses %j', (entry, reason) => {
    const work = () => parse('192.0.2.1', entry);
    expect(work).toThrow(BulkheadError);
    expect(work).toThrow('input.allowedCidrs[1]: ');
    expect(work).toThrow(reason);
  });

  it('removes repetitions in any spelling, keeps the order, and takes at most 100', () => {
    expect(parse('::1', '1.2.3.4/32', '*', '0:0::1', '1.2.3.4')).toEqual(['::1', '1.2.3.4', '*']);
    expect(parse()).toEqual([]);
    expect(parse(...new Array(100).fill('::1'))).toEqual(['::1']);
    expect(() => parse(...new Array(101).fill('::1'))).toThrow('input.allowedCidrs: must hold at most 100 entries');
  });
});

describe('allows', () => {
  it.each([
    [[], '203.0.113.9', true],
    [[], 'no address', true],
    [['*'], '203.0.113.9', true],
    [['*'], '2001:db8::1', true],
    [['*'], 'no address', false],
    [['192.0.2.0/24'], '192.0.2.255', true],
    [['192.0.2.0/24'], '192.0.3.0', false],
    [['192.0.2.1'], '192.0.2.10', false],
    [['192.0.2.0/24'], '::ffff:192.0.2.7', true],
    [['192.0.2.0/24'], '::FFFF:C000:0207', true],
    [['192.0.2.0/24'], '::192.0.2.7', false],
    [['0.0.0.0/0'], '::1', false],
    [['::/0'], '192.0.2.1', false],
    [['::/0'], '::ffff:192.0.2.1', false],
    [['::/0'], '2001:db8::1', true],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['192.0.2.1'], '', false],
    [['nonsense'], '192.0.2.1', false],
  ])('%j lets in %s: %s', (entries, address, expected) => {
    expect(allows(entries, address)).toBe(expected);
  });
});

/** Networks and addresses close together, so that they meet often. */
const ipv4 = fc.tuple(fc.constantFrom(0, 8, 24, 29, 30, 31, 32), fc.nat(15)).map(([length, host]) => {
  const base = length < 24 ? 10 * 2 ** 24 * (length === 0 ? 0 : 1) : 10 * 2 ** 24 + host;
  const aligned = Math.floor(base / 2 ** (32 - length)) * 2 ** (32 - length);
  return `${[24, 16, 8, 0].map((shift) => Math.floor(aligned / 2 ** shift) % 256).join('.')}/${length}`;
});
const ipv6 = fc.tuple(fc.constantFrom(125, 126, 127, 128), fc.nat(15)).map(([length, host]) => {
  const aligned = Math.floor(host / 2 ** (128 - length)) * 2 ** (128 - length);
  return `2001:db8::${aligned.toString(16)}/${length}`;
});
const list = fc.array(fc.oneof({ weight: 8, arbitrary: ipv4 }, { weight: 4, arbitrary: ipv6 }, fc.constant('*')), {
  maxLength: 6,
});
const addresses = [
  ...Array.from({ length: 20 }, (_, host) => [`10.0.0.${host}`, `2001:db8::${host.toString(16)}`]).flat(),
  '10.0.1.1',
  '10.255.0.1',
  '9.0.0.1',
  '255.255.255.255',
  '2001:db9::',
];

describe('isWithin', () => {
  it.each([
    [[], [], true],
    [['10.0.0.1'], [], true],
    [[], ['10.0.0.0/8'], false],
    [['10.1.0.0/16'], ['10.0.0.0/8'], true],
    [['10.0.0.0/8'], ['10.1.0.0/16'], false],
    [['10.0.0.0/8'], ['10.0.0.0/9', '10.128.0.0/9'], true],
    [['10.0.0.0/8'], ['10.0.0.0/9', '10.129.0.0/16'], false],
    [['*'], ['0.0.0.0/0', '::/0'], true],
    [['*'], ['0.0.0.0/0'], false],
    [['10.0.0.1'], ['::/0'], false],
    [['10.0.0.1', '::1'], ['10.0.0.0/8'], false],
    [[], ['*'], false],
    [['10.0.0.1'], ['nonsense'], false],
  ])('%j within %j: %s', (inner, outer, expected) => {
    expect(isWithin(inner, outer)).toBe(expected);
  });

  it('does not pass over an entry that is none', () => {
    expect(() => isWithin(['nonsense'], ['*'])).toThrow(TypeError);
  });

  it('agrees with the addresses that the lists let in', () => {
    fc.assert(
      fc.property(list, list, (one, other) => {
        const [inner, outer] = [parse(...one), parse(...other)];
        if (isWithin(inner, outer)) {
          for (const address of addresses) if (allows(inner, address)) expect(allows(outer, address)).toBe(true);
        }
        for (const address of addresses) expect(isWithin([address], outer)).toBe(allows(outer, address));
        expect(isWithin([...inner, '203.0.113.1'], [...outer, ...inner, '203.0.113.1'])).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is exact for small networks', () => {
    const small = fc.array(ipv6, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(small, small, (one, other) => {
        const [inner, outer] = [parse(...one), parse(...other)];
        const expected = addresses.every((address) => !allows(inner, address) || allows(outer, address));
        expect(isWithin(inner, outer)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});

describe('isPrivateAddress', () => {
  it.each([
    '127.0.0.1',
    '127.255.0.1',
    '::1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.1.1',
  ])('counts %s', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each(['fd00::1', 'fc00::1', 'fe80::1%eth0', 'febf::1', '::ffff:10.0.0.1', '::ffff:7f00:1'])(
    'counts %s',
    (address) => {
      expect(isPrivateAddress(address)).toBe(true);
    },
  );

  it.each([
    '172.32.0.1',
    '100.64.0.1',
    '8.8.8.8',
    '0.0.0.0',
    '::',
    'fec0::1',
    '2001:db8::1',
    '::ffff:8.8.8.8',
    '',
    'localhost',
    '127.1',
  ])('does not count %j', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});
