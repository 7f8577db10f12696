import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { allows } from '../../auth/api-keys/address-allow-list.js';

/** Where deliveries may go beside the public internet. */
export interface EgressPolicy {
  /** Networks that are not public and all the same allowed, over http and on any port too. Default none. */
  readonly networks: readonly string[];
  /** DNS servers that are asked for addresses, as `address` or `address:port`; default those of the machine. */
  readonly dnsServers: readonly string[];
}

/** Nothing but the public internet. */
export const publicOnly: EgressPolicy = { networks: [], dnsServers: [] };

/** Ports of https that may be called. */
const httpsPorts = ['', '443', '8443'];

/** Characters of an address at most. */
export const maxUrlLength = 1000;

/** Whether deliveries may go to an address: a public one, or one of the networks that the operator has named. */
export function mayConnect(policy: EgressPolicy, address: string): boolean {
  return isNamed(policy, address) || isPublic(address);
}

/** Whether the operator has named the network of an address. */
export function isNamed({ networks }: EgressPolicy, address: string): boolean {
  return networks.length > 0 && allows(networks, address);
}

/** What IANA gives out of IPv6: the only global unicast addresses there are (RFC 4291, 2.4; IANA's registry). */
const globalUnicast = '2000::/3';

/**
 * Whether an address is of the public internet. Of the ranges that ipaddr.js tells apart only `unicast` is: all others,
 * those that carry another address included (IPv4 in IPv6, NAT64, 6to4, Teredo), can lead inside. Of IPv6 it calls so
 * too what nobody was given, and what once carried IPv4 addresses (`::127.0.0.1`).
 */
function isPublic(address: string): boolean {
  if (isIP(address) === 6 && !allows([globalUnicast], address)) return false;
  return isIP(address) !== 0 && ipaddr.parse(address).range() === 'unicast';
}

/**
 * What is wrong with an address for deliveries, in words; undefined for one that may be tried. Names are looked up, and
 * what they lead to is checked, at every delivery.
 */
export function urlComplaint(policy: EgressPolicy, text: string): string | undefined {
  if (text.length > maxUrlLength) return `must have at most ${maxUrlLength} characters`;
  if (!URL.canParse(text)) return 'must be an address such as https://example.com/hook';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'must not contain a user or password: use the signature';
  const isPlain = url.protocol === 'http:' || !httpsPorts.includes(url.port);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must be an https address';
  if (isPlain && policy.networks.length === 0) return 'must be an https address on port 443 or 8443';
  const literal = literalAddress(url);
  if (literal === undefined) return undefined;
  const isAllowed = isPlain ? isNamed(policy, literal) : mayConnect(policy, literal);
  return isAllowed ? undefined : 'must not lead to a network that is not public';
}

/** The address that stands in a URL instead of a name, in canonical text. */
export function literalAddress({ hostname }: URL): string | undefined {
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(host) === 0 ? undefined : host;
}
