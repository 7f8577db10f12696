import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A TCP socket that listens. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** Code of the state "listening" in /proc/net/tcp (Linux, `include/net/tcp_states.h`). */
const listening = '0A';

/** All TCP sockets that listen in the network namespace of this process. Linux only. */
export function listeners(systemRoot: string): Listener[] {
  return ['tcp', 'tcp6'].flatMap((name) => {
    const lines = readFileSync(join(systemRoot, 'proc', 'net', name), 'utf8')
      .trim()
      .split('\n')
      .slice(1);
    return lines.flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [hex = '', port = ''] = (fields[1] ?? '').split(':');
      return fields[3] === listening
        ? [{ address: addressOf(hex), port: Number.parseInt(port, 16), inode: fields[9] ?? '' }]
        : [];
    });
  });
}

/** Words of 32 bits, each with its bytes in the order of the machine, which is little-endian where Node runs. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0));
  return groups.map((group) => group.toString(16)).join(':');
}
