import { isPrivateAddress } from '../../auth/api-keys/address-allow-list.js';
import { type Check, notProvided, passUnless } from '../check.js';
import type { PostureContext } from '../posture-context.js';
import { type Listener, listeners } from '../system/listeners.js';
import { familyOf, socketsOf } from '../system/processes.js';

/** What Bulkhead listens on is reached from this machine or private networks only: a proxy stands before everybody else. */
export const privateListeners: Check = {
  id: 'private-listeners',
  title: 'No process of Bulkhead listens on a public address',
  look: async (context) => {
    if (process.platform !== 'linux') return notProvided('listeners can be seen on Linux only');
    const own = ownListeners(context);
    const open = own.filter(({ address }) => !isPrivateAddress(address));
    const faults = open.map(({ address, port }) => `port ${port} listens on ${address}`);
    if (own.length === 0) faults.push('no listener of this deployment was found');
    return passUnless(faults, `${own.length} listeners, all on loopback or private addresses`);
  },
};

/** Those that processes of this deployment hold, and whatever listens on the ports of gateway and PostgreSQL. */
function ownListeners({ systemRoot, configuration }: PostureContext): Listener[] {
  const inodes = new Set(
    familyOf(systemRoot, configuration.supervisorPid).flatMap((pid) => socketsOf(systemRoot, pid) ?? []),
  );
  const hosts = [configuration.gatewayUrl, configuration.operationalUrl].flatMap(hostsOf);
  const ports = hosts.filter(({ host }) => isLocal(host)).map(({ port }) => port);
  return listeners(systemRoot).filter(({ inode, port }) => inodes.has(inode) || ports.includes(port));
}

/** Hosts and ports of an address; one of PostgreSQL may name several. */
function hostsOf(address: string): { host: string; port: number }[] {
  const [, hosts = ''] = /^\w+:\/\/(?:[^@/]*@)?([^/?#]*)/.exec(address) ?? [];
  return hosts.split(',').map((text) => {
    const [, host = '', port = '5432'] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
    return { host, port: Number(port) };
  });
}

function isLocal(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
