import { describe, expect, it } from '@jest/globals';
import { addressFor, addressOf, isServerAddress, serverHosts } from '../../../db/server-hosts.js';

const several = 'postgres://admin:p%40ss@one:5433,two,[::1]:5434/postgres?sslmode=require&target_session_attrs=primary';

describe('addresses of servers', () => {
  it.each([
    ['postgres://admin@db', [{ host: 'db', port: 5432 }]],
    ['postgresql://admin:pw@[2001:db8::1]:6000/postgres?sslmode=require', [{ host: '2001:db8::1', port: 6000 }]],
    [
      several,
      [
        { host: 'one', port: 5433 },
        { host: 'two', port: 5432 },
        { host: '::1', port: 5434 },
      ],
    ],
  ])('reads the servers of %s', (url, hosts) => {
    expect(isServerAddress(url)).toBe(true);
    expect(serverHosts(url)).toEqual(hosts);
  });

  it('names one of them, or another user and database on all of them', () => {
    const addresses = serverHosts(several).map((host) => addressOf(several, host));
    expect(addresses).toEqual([
      'postgres://admin:p%40ss@one:5433/postgres?sslmode=require',
      'postgres://admin:p%40ss@two:5432/postgres?sslmode=require',
      'postgres://admin:p%40ss@[::1]:5434/postgres?sslmode=require',
    ]);
    expect(addressFor(several, 'bulkhead_gateway:pw', 'bulkhead')).toBe(
      'postgres://bulkhead_gateway:pw@one:5433,two,[::1]:5434/bulkhead?sslmode=require&target_session_attrs=primary',
    );
  });

  it.each([
    'mysql://admin@db/x',
    'postgres://db/x',
    'postgres://admin@one,,two/x',
    'postgres://admin@one:port/x',
    'postgres://admin@::1/x',
    // A standby that is being promoted would be taken for one that can be written to.
    'postgres://admin@one,two/x?target_session_attrs=read-write',
  ])('refuses %s', (url) => {
    expect(isServerAddress(url)).toBe(false);
  });
});
