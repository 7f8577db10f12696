import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';

/**
 * Whether an address is another machine's: none of the addresses of its host is one of this machine.
 * @throws Error with a code when the host has no address
 */
export async function isElsewhere(url: string): Promise<boolean> {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const own = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address),
  );
  const addresses = await lookup(host, { all: true });
  return addresses.every(
    ({ address }) => !/^(127\.|0\.0\.0\.0$|::1?$|::ffff:127\.)/.test(address) && !own.includes(address),
  );
}
