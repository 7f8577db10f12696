import { BlockList, isIP } from 'node:net';
import { invalidInput } from '../../errors/bulkhead-error.js';

/** Most entries of one allow-list, repetitions counted. */
export const maxAllowListEntries = 100;

type Family = 'ipv4' | 'ipv6';

/** One address in canonical text, or a network of addresses that begins with it. */
interface Network {
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
}

const familyBits: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

/** What `*` stands for: the two families are matched apart, so that one never lets in the other. */
const everyAddress: readonly Network[] = [
  { family: 'ipv4', address: '0.0.0.0', prefixLength: 0 },
  { family: 'ipv6', address: '::', prefixLength: 0 },
];

/** First 96 bits of an IPv4 address written as IPv6 (`::ffff:1.2.3.4`, RFC 4291 section 2.5.5.2). */
const mappedPrefix = 0xffffn;

/**
 * Loopback (RFC 1122, RFC 4291), private (RFC 1918, RFC 4193) and link-local (RFC 3927, RFC 4291) networks.
 */
const privateNetworks = blockListsOf(
  [
    '127.0.0.0/8',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '169.254.0.0/16',
    '::1',
    'fc00::/7',
    'fe80::/10',
  ].flatMap(networksOf),
);

/**
 * Checks the allow-list of a key: `*`, IPv4 or IPv6 addresses, and CIDR networks of either, at most
 * {@link maxAllowListEntries}. Returns canonical text without repetitions, in the given order: IPv6 as in RFC 5952,
 * IPv4-mapped IPv6 as IPv4, a network of one address as that address. An empty list restricts nothing.
 *
 * @param field path of the list in the caller's input, e.g. `input.allowedCidrs`
 * @throws BulkheadError BAD_USER_INPUT that names the entry and the reason, never the refused value
 */
export function parseAddressAllowList(entries: readonly string[], field: string): string[] {
  if (entries.length > maxAllowListEntries) {
    throw invalidInput(field, `must hold at most ${maxAllowListEntries} entries`);
  }
  const texts = entries.map((entry, index) => {
    if (entry === '*') return entry;
    const network = readNetwork(entry, (reason) => invalidInput(`${field}[${index}]`, reason));
    const single = network.prefixLength === familyBits[network.family];
    return single ? network.address : `${network.address}/${network.prefixLength}`;
  });
  return [...new Set(texts)];
}

/**
 * Whether a caller's address is let in. An empty list lets in everybody, a list of one family nobody of the other.
 * A zone id (`%eth0`) is ignored; what is no address is let in by an empty list only.
 *
 * @param entries list that {@link parseAddressAllowList} has returned; an entry that is none lets in nobody
 */
export function allows(entries: readonly string[], address: string): boolean {
  return entries.length === 0 || includes(blockListsOf(entries.flatMap(networksOf)), address);
}

/**
 * Whether each address that `inner` lets in is let in by `outer`, also where only several networks together suffice:
 * the list of a key has to be within the list of the key that made it. An empty list lets in everybody here too, so
 * within a list that restricts it is not.
 *
 * @throws TypeError when an entry of `inner` is none (it has to be checked first); in `outer` it lets in nobody
 */
export function isWithin(inner: readonly string[], outer: readonly string[]): boolean {
  if (outer.length === 0) return true;
  const allowed = rangesOf(outer.flatMap(networksOf));
  const asked = inner.flatMap((entry) => {
    const networks = networksOf(entry);
    if (networks.length === 0) throw new TypeError('not an entry of an address allow-list');
    return networks;
  });
  return (
    asked.length > 0 &&
    rangesOf(asked).every((range) =>
      allowed.some(({ family, first, last }) => family === range.family && first <= range.first && range.last <= last),
    )
  );
}

/**
 * Whether an address is a loopback, private or link-local one, where operators may call from. Not shared address space
 * of providers (100.64.0.0/10).
 */
export function isPrivateAddress(address: string): boolean {
  return includes(privateNetworks, address);
}

function networksOf(entry: string): readonly Network[] {
  if (entry === '*') return everyAddress;
  try {
    return [readNetwork(entry, (reason) => new TypeError(reason))];
  } catch {
    return [];
  }
}

function readNetwork(entry: string, refuse: (reason: string) => Error): Network {
  const slash = entry.indexOf('/');
  const host = readHost(slash === -1 ? entry : entry.slice(0, slash));
  if (host === undefined) throw refuse('must be *, an IPv4 or IPv6 address, or a network such as 192.0.2.0/24');
  if (slash === -1) return { ...host, prefixLength: familyBits[host.family] };
  const digits = entry.slice(slash + 1);
  const writtenBits = entry.includes(':') ? 128 : 32;
  if (!/^(0|[1-9][0-9]{0,2})$/.test(digits) || Number(digits) > writtenBits) {
    throw refuse(`must have a prefix length of 0 to ${writtenBits} after the slash`);
  }
  const prefixLength = Number(digits) - (writtenBits - familyBits[host.family]);
  if (prefixLength < 0) throw refuse('must not mix IPv4-mapped addresses with others: write the IPv4 network');
  const network = { ...host, prefixLength };
  if (bitsOf(network.address) % sizeOf(network) !== 0n) throw refuse('has bits set beyond its prefix length');
  return network;
}

/** Canonical text of an address; undefined for all else, also for the shortened and octal forms that `ping` accepts. */
function readHost(text: string): Pick<Network, 'family' | 'address'> | undefined {
  if (/[^0-9A-Fa-f.:]/.test(text)) return undefined;
  if (isIP(text) === 4) return { family: 'ipv4', address: text };
  if (isIP(text) !== 6) return undefined;
  // The URL standard writes IPv6 as RFC 5952 does, but never with a dotted IPv4 tail.
  const address = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const bits = bitsOf(address);
  if (bits >> 32n !== mappedPrefix) return { family: 'ipv6', address };
  const octets = [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn);
  return { family: 'ipv4', address: octets.join('.') };
}

function bitsOf(address: string): bigint {
  if (!address.includes(':')) return join(address.split('.').map(BigInt), 8n);
  const [head = [], tail = []] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = new Array<string>(8 - head.length - tail.length).fill('0');
  return join(
    [...head, ...zeros, ...tail].map((group) => BigInt(`0x${group}`)),
    16n,
  );
}

function join(parts: readonly bigint[], width: bigint): bigint {
  return parts.reduce((bits, part) => (bits << width) | part, 0n);
}

function sizeOf({ family, prefixLength }: Network): bigint {
  return 1n << BigInt(familyBits[family] - prefixLength);
}

/** The addresses of some networks as ranges of numbers that neither touch nor overlap. */
function rangesOf(networks: readonly Network[]): { family: Family; first: bigint; last: bigint }[] {
  const ranges: { family: Family; first: bigint; last: bigint }[] = [];
  const sorted = networks
    .map((network) => ({ network, first: bitsOf(network.address) }))
    .sort(
      (a, b) =>
        a.network.family.localeCompare(b.network.family) || Number(a.first > b.first) - Number(a.first < b.first),
    );
  for (const { network, first } of sorted) {
    const last = first + sizeOf(network) - 1n;
    const before = ranges.at(-1);
    if (before?.family !== network.family || before.last + 1n < first) {
      ranges.push({ family: network.family, first, last });
    } else if (before.last < last) before.last = last;
  }
  return ranges;
}

/** One list per family: a single one would find IPv4 addresses in `::/0`, as the IPv4-mapped ones among its members. */
function blockListsOf(networks: readonly Network[]): Readonly<Record<Family, BlockList>> {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const { family, address, prefixLength } of networks) lists[family].addSubnet(address, prefixLength, family);
  return lists;
}

function includes(lists: Readonly<Record<Family, BlockList>>, address: string): boolean {
  const host = readHost(address.split('%', 1)[0] ?? '');
  return host !== undefined && lists[host.family].check(host.address, host.family);
}
