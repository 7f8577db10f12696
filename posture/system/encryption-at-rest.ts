import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Finding, fail, notProvided, pass } from '../check.js';

/** Filesystems that encrypt by themselves. */
const encrypting = /^(fuse\.(gocryptfs|cryfs|encfs|securefs)|ecryptfs)$/;

/** Targets of dm-crypt that encrypt; `CRYPT-VERITY` and `CRYPT-INTEGRITY` check only. */
const encrypted = /^CRYPT-(LUKS\d?|PLAIN|TCRYPT|BITLK)-/;

interface Mount {
  readonly point: string;
  readonly device: string;
  readonly type: string;
  readonly source: string;
}

/**
 * What this machine can know of the encryption of the disk below a directory. Every way down to a disk has to lead
 * through dm-crypt; what a hypervisor encrypts cannot be seen from within.
 * @param systemRoot root of the tree that has `proc` and `sys`
 */
export function encryptionAtRest(systemRoot: string, directory: string): Finding {
  if (process.platform !== 'linux') return notProvided('the encryption of a disk can be seen on Linux only');
  if (!existsSync(directory))
    return notProvided('the directory is not on this machine, or not to be seen by this user');
  const mount = mountOf(systemRoot, realpathSync(directory));
  if (mount === undefined) return fail('the mount of the directory was not found');
  if (encrypting.test(mount.type)) return pass(`${mount.type} encrypts it`);
  const device = join(systemRoot, 'sys', 'dev', 'block', mount.device);
  if (!existsSync(device)) {
    return fail(`${mount.type} without a block device: this machine sees no encryption; its host may encrypt below it`);
  }
  const isEncrypted = leadsThroughCrypt(systemRoot, device);
  return isEncrypted ? pass('dm-crypt below the filesystem') : fail('no dm-crypt below the filesystem');
}

/** The mount that a path is on: the one with the longest point above it, the last of equals. */
function mountOf(systemRoot: string, path: string): Mount | undefined {
  const lines = readFileSync(join(systemRoot, 'proc', 'self', 'mountinfo'), 'utf8')
    .trim()
    .split('\n');
  let best: Mount | undefined;
  for (const line of lines) {
    const [left = '', right = ''] = line.split(' - ');
    const [, , device = '', , point = ''] = left.split(' ');
    const [type = '', source = ''] = right.split(' ');
    const plain = point.replaceAll('\\040', ' ');
    const isAbove = path === plain || path.startsWith(plain === '/' ? '/' : `${plain}/`);
    if (isAbove && plain.length >= (best?.point.length ?? 0)) best = { point: plain, device, type, source };
  }
  return best;
}

function leadsThroughCrypt(systemRoot: string, device: string): boolean {
  const folder = realpathSync(device);
  const uuid = join(folder, 'dm', 'uuid');
  if (existsSync(uuid) && encrypted.test(readFileSync(uuid, 'utf8'))) return true;
  // A partition has none of its own: those of its disk count.
  const below = [join(folder, 'slaves'), join(folder, '..', 'slaves')].find((one) => existsSync(one));
  const names = below === undefined ? [] : readdirSync(below);
  return (
    names.length > 0 &&
    names.every((name) => leadsThroughCrypt(systemRoot, join(systemRoot, 'sys', 'class', 'block', basename(name))))
  );
}
