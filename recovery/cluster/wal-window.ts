import { readdirSync, writeFileSync } from 'node:fs';
import { chown, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { getWal } from '../../backups/wal/wal-archive.js';
import { isWalFile, walFileName, walPlaceOf } from '../../backups/wal/wal-file.js';
import type { ServerUser } from '../../db/embedded/run-as.js';
import { recoveryFault } from '../recovery-fault.js';
import type { RecoverySource } from './choose-source.js';

/** WAL files that wait, opened, for PostgreSQL at most: 128 MiB. */
const aheadFiles = 8;
const pollMs = 10;

/**
 * `restore_command`: PostgreSQL may run as a user who may read neither repository nor key, so this asks for a file and
 * waits until it is there, is known to be in no backup (1), or cannot be opened (126, by which PostgreSQL gives up: an end
 * of the WAL too early would look like success). It also gives up when nobody has answered for ten minutes.
 */
const script = `#!/bin/sh
cd "$1" || exit 126
: > "$2.wanted"
tries=0
while [ "$tries" -lt 30000 ]; do
  if [ -f "$2" ]; then mv "$2" "$3" && rm -f "$2.wanted" && exit 0; exit 126; fi
  if [ -f "$2.absent" ]; then rm -f "$2.wanted" "$2.absent"; exit 1; fi
  if [ -f fault ]; then exit 126; fi
  sleep 0.02
  tries=$((tries + 1))
done
exit 126
`;

/** Name of the script in the directory. */
const scriptName = 'restore-wal.sh';

/**
 * Opened WAL files on their way from the repository to a PostgreSQL that recovers: a window that slides along, so that no
 * more than a few are on the disk.
 */
export class WalWindow {
  readonly #source: RecoverySource;
  readonly #directory: string;
  readonly #user: ServerUser | undefined;
  readonly #opening = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #fault: unknown;
  #files = 0;

  /** @param directory empty, private, and the server's */
  constructor(source: RecoverySource, directory: string, user: ServerUser | undefined) {
    this.#source = source;
    this.#directory = directory;
    this.#user = user;
    writeFileSync(join(directory, scriptName), script, { mode: 0o755 });
    this.#ended = this.#serve();
  }

  /** The setting `restore_command`. */
  get command(): string {
    return `sh '${join(this.#directory, scriptName)}' '${this.#directory}' %f "$PWD/%p"`;
  }

  /** WAL files that PostgreSQL was given. */
  get files(): number {
    return this.#files;
  }

  /** Why a file could not be opened, if one could not. */
  get fault(): unknown {
    return this.#fault;
  }

  /** Serves no longer. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
    await Promise.allSettled(this.#opening.values());
  }

  async #serve(): Promise<void> {
    while (!this.#stop.signal.aborted && this.#fault === undefined) {
      const present = new Set(readdirSync(this.#directory));
      for (const name of present) {
        const wanted = /^(.*)\.wanted$/.exec(name)?.[1];
        if (wanted !== undefined) this.#provide(wanted, present);
      }
      await delay(pollMs, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  #provide(wanted: string, present: ReadonlySet<string>): void {
    if (!present.has(wanted) && !present.has(`${wanted}.absent`)) this.#open(wanted);
    if (!isWalFile(wanted)) return;
    const { walFileBytes } = this.#source.base;
    const { timeline, number } = walPlaceOf(wanted, walFileBytes);
    for (let ahead = 1; ahead < aheadFiles; ahead += 1) {
      const next = walFileName({ timeline, number: number + ahead }, walFileBytes);
      if (this.#source.catalogue.wal.has(next) && !present.has(next)) this.#open(next);
    }
  }

  #open(file: string): void {
    if (this.#opening.has(file) || this.#stop.signal.aborted) return;
    const opened = this.#place(file)
      .catch((error: unknown) => {
        this.#fault ??= error;
        writeFileSync(join(this.#directory, 'fault'), '');
      })
      .finally(() => this.#opening.delete(file));
    this.#opening.set(file, opened);
  }

  /** Whole or not at all. */
  async #place(file: string): Promise<void> {
    const { repository, catalogue } = this.#source;
    const content = await getWal(repository, catalogue.system, file);
    if (content === undefined && (catalogue.wal.has(file) || catalogue.others.includes(file))) {
      throw recoveryFault(`${file} was in the WAL archive in ${repository.place}, and is there no more`);
    }
    const name = content === undefined ? `${file}.absent` : file;
    const path = join(this.#directory, name);
    const draft = `${path}.part`;
    await writeFile(draft, content ?? '', { mode: 0o600 });
    if (this.#user !== undefined) await chown(draft, this.#user.uid, this.#user.gid);
    await rename(draft, path);
    if (isWalFile(name)) this.#files += 1;
  }
}
