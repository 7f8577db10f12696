/** Addresses that mean "all of this machine" and cannot be called everywhere. */
const unspecified: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' };

/** The address by which a client on this machine reaches the gateway: without a slash at its end. */
export function clientUrl(listeningUrl: string): string {
  const url = new URL(listeningUrl);
  url.hostname = unspecified[url.hostname] ?? url.hostname;
  return url.origin;
}
