import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A process and all that it has started, and these in turn, by pid. Linux only. */
export function familyOf(systemRoot: string, pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync(join(systemRoot, 'proc')).filter((one) => /^\d+$/.test(one))) {
    const stat = readText(join(systemRoot, 'proc', name, 'stat'));
    if (stat !== undefined) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const family = parents.has(pid) ? [pid] : [];
  for (const member of family) {
    for (const [child, parent] of parents) if (parent === member && !family.includes(child)) family.push(child);
  }
  return family;
}

/** The environment that a process was started with; undefined when that cannot be read. */
export function environmentOf(systemRoot: string, pid: number): Readonly<Record<string, string>> | undefined {
  const entries = readText(join(systemRoot, 'proc', String(pid), 'environ'))?.split('\0');
  return entries && Object.fromEntries(entries.filter((entry) => entry.includes('=')).map(pairOf));
}

function pairOf(entry: string): [name: string, value: string] {
  const at = entry.indexOf('=');
  return [entry.slice(0, at), entry.slice(at + 1)];
}

/** Whether a process is there still. */
export function isThere(systemRoot: string, pid: number): boolean {
  return existsSync(join(systemRoot, 'proc', String(pid)));
}

/** Arguments of a process. */
export function argumentsOf(systemRoot: string, pid: number): string[] {
  return (
    readText(join(systemRoot, 'proc', String(pid), 'cmdline'))
      ?.split('\0')
      .filter(Boolean) ?? []
  );
}

/** Inodes of the sockets that a process holds; undefined when they cannot be read. */
export function socketsOf(systemRoot: string, pid: number): string[] | undefined {
  const folder = join(systemRoot, 'proc', String(pid), 'fd');
  try {
    return readdirSync(folder).flatMap((name) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(target(join(folder, name))) ?? [];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return undefined;
  }
}

function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    // Closed since it was listed.
    return '';
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
