/**
 * Last days of support, by the version lines of each program: Node (nodejs.org/en/about/previous-releases), PostgreSQL
 * (postgresql.org/support/versioning), OpenSSL (openssl-library.org/policies/releasestrat). As of November 2026.
 */
export const supportedUntil = {
  node: { '20': '2026-04-30', '22': '2027-04-30', '24': '2028-04-30', '26': '2029-04-30' },
  postgresql: { '14': '2026-11-12', '15': '2027-11-11', '16': '2028-11-09', '17': '2029-11-08', '18': '2030-11-14' },
  openssl: { '3.0': '2026-09-07', '3.4': '2026-10-22', '3.5': '2030-04-08', '3.6': '2026-11-01' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;
