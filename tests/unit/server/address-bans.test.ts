import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { AddressBans, banRules } from '../../../server/address-bans.js';

const { failures, withinMs, banMs } = banRules;
let nowMs = 1;
let lines: string[];
let bans: AddressBans;

beforeEach(() => {
  lines = [];
  bans = new AddressBans(
    ['192.0.2.0/24', '2001:db8:ffff::1'],
    pino({}, { write: (line) => void lines.push(line) }),
    () => nowMs,
  );
});

function fail(address: string, times: number): void {
  for (let each = 0; each < times; each += 1) bans.noteFailure(address);
}

describe('an address', () => {
  it('is banned by the last of too many failures, for a time, and is free again', () => {
    fail('203.0.113.9', failures - 1);
    expect(bans.leftMs('203.0.113.9')).toBeUndefined();
    fail('203.0.113.9', 1);
    expect(bans.leftMs('203.0.113.9')).toBe(banMs);
    expect(bans.leftMs('::ffff:203.0.113.9')).toBe(banMs);
    expect(bans.leftMs('203.0.113.10')).toBeUndefined();
    // Failures of a banned address prolong nothing, and say nothing more.
    nowMs += banMs / 2;
    fail('203.0.113.9', 3 * failures);
    expect(bans.leftMs('203.0.113.9')).toBe(banMs / 2);
    nowMs += banMs / 2 + 1;
    expect([bans.leftMs('203.0.113.9'), bans.counts.banned]).toEqual([undefined, 0]);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 40, source: '203.0.113.9' }),
    ]);
  });

  it('is not banned by failures that are far apart', () => {
    fail('203.0.113.9', failures - 1);
    nowMs += withinMs + 1;
    fail('203.0.113.9', failures - 1);
    expect(bans.leftMs('203.0.113.9')).toBeUndefined();
  });

  it('of IPv6 is banned with its whole /64', () => {
    for (let each = 0; each < failures; each += 1) bans.noteFailure(`2001:db8:1:2::${each.toString(16)}`);
    expect(bans.leftMs('2001:db8:1:2:ffff::1')).toBe(banMs);
    expect(bans.leftMs('2001:db8:1:3::1')).toBeUndefined();
  });

  it('of loopback and of a trusted proxy is never banned', () => {
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '192.0.2.7', '2001:db8:ffff::1']) {
      fail(address, failures);
      expect([address, bans.leftMs(address)]).toEqual([address, undefined]);
    }
  });
});
