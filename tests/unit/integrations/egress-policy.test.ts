import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type EgressPolicy, mayConnect, publicOnly, urlComplaint } from '../../../integrations/egress/egress-policy.js';

const inside: EgressPolicy = { networks: ['10.20.0.0/16', '127.0.0.1'], dnsServers: [] };

describe('an address for deliveries', () => {
  it.each([
    'https://example.com/hook',
    'https://example.com:443/hook?a=b',
    'https://example.com:8443',
    'https://93.184.215.14/hook',
    'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/hook',
  ])('%s may be tried', (url) => {
    expect(urlComplaint(publicOnly, url)).toBeUndefined();
  });

  it.each([
    'http://example.com/hook',
    'https://example.com:8080/hook',
    'https://user@example.com/hook',
    'https://user:password@example.com/hook',
    'ftp://example.com/hook',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'example.com/hook',
    '',
    `https://example.com/${'a'.repeat(1000)}`,
  ])('%s is refused', (url) => {
    expect(urlComplaint(publicOnly, url)).toBeDefined();
  });

  it.each([
    '127.0.0.1',
    '0177.0.0.1',
    '0x7f.1',
    '2130706433',
    '127.1',
    '127.0.0.1.',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:93.184.215.14]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[fc00::1]',
    '[fe80::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[2001:db8::1]',
    '[5f00::1]',
    '[::127.0.0.1]',
    '[::a9fe:a9fe]',
    '[::2]',
    '[100:0:0:1::1]',
    '[4000::1]',
    '[e000::1]',
  ])('https://%s/ leads to no public network', (host) => {
    expect(urlComplaint(publicOnly, `https://${host}/`)).toMatch(/not public/);
  });

  it('may be inside, plain and on any port, where the operator has named the network', () => {
    expect(urlComplaint(inside, 'http://10.20.1.2:8080/hook')).toBeUndefined();
    expect(urlComplaint(inside, 'http://127.0.0.1/hook')).toBeUndefined();
    // Names are looked up at each delivery.
    expect(urlComplaint(inside, 'http://inside.example/hook')).toBeUndefined();
    expect(urlComplaint(inside, 'https://10.20.1.2/hook')).toBeUndefined();
    for (const url of ['http://10.21.1.2/hook', 'https://127.0.0.2/', 'http://93.184.215.14/', 'http://[::1]/']) {
      expect(urlComplaint(inside, url)).toMatch(/not public/);
    }
  });
});

describe('an address to connect to', () => {
  it('is never one of IPv4 that is written as IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        for (const prefix of ['::ffff:', '::', '64:ff9b::'])
          expect(mayConnect(publicOnly, prefix + address)).toBe(false);
      }),
    );
  });

  it('is one, and no text that only looks like it', () => {
    expect(mayConnect(publicOnly, '93.184.215.14')).toBe(true);
    for (const text of ['', 'example.com', '93.184.215', '93.184.215.14/32']) {
      expect(mayConnect(publicOnly, text)).toBe(false);
    }
  });
});
