import { Resolver } from 'node:dns/promises';
import { type EgressPolicy, isNamed, literalAddress, mayConnect, urlComplaint } from './egress-policy.js';

/** An address to connect to. */
export interface CheckedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Why there is no address to connect to. */
export type AddressFault = 'ADDRESS_REFUSED' | 'NAME_NOT_RESOLVED';

/**
 * The addresses of a URL, looked up once: the connection goes to these and to no others, so a name that leads elsewhere a
 * moment later gains nothing. One that is not allowed refuses all of them.
 */
export async function checkedAddresses(
  policy: EgressPolicy,
  url: URL,
  signal: AbortSignal,
): Promise<readonly CheckedAddress[] | AddressFault> {
  if (urlComplaint(policy, url.href) !== undefined) return 'ADDRESS_REFUSED';
  const literal = literalAddress(url);
  const found = literal === undefined ? await resolve(policy, url.hostname, signal) : [literal];
  if (found.length === 0) return 'NAME_NOT_RESOLVED';
  const isUsual = url.protocol === 'https:' && ['', '8443'].includes(url.port);
  const isAllowed = (address: string) => (isUsual ? mayConnect(policy, address) : isNamed(policy, address));
  if (!found.every(isAllowed)) return 'ADDRESS_REFUSED';
  return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

async function resolve({ dnsServers }: EgressPolicy, name: string, signal: AbortSignal): Promise<string[]> {
  // The system's own look-up cannot be cancelled and shares few threads, which slow names of one would take from all.
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  if (dnsServers.length > 0) resolver.setServers([...dnsServers]);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const answers = await Promise.all([
      resolver.resolve4(name).catch(() => []),
      resolver.resolve6(name).catch(() => []),
    ]);
    return answers.flat();
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
