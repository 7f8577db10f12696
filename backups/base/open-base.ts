import { createHash } from 'node:crypto';
import { backupFault } from '../backup-fault.js';
import type { SealedRepository } from '../repository/sealed-repository.js';
import { type BaseBackup, baseObjects } from './base-backup.js';
import { type Manifest, type ManifestFile, parseManifest } from './manifest.js';
import { readTar, type TarEntry } from './read-tar.js';

/** A base backup that is being read. */
export interface OpenBase {
  readonly manifest: Manifest;
  /** PostgreSQL's manifest as it wrote it: `backup_manifest`. */
  readonly manifestFile: Buffer;
  /**
   * The entries of an archive in order, each file verified by the manifest while it is read: the iteration throws after
   * the last byte of one that is not as it was. With the last archive it throws too if a file of the manifest has not come.
   * @param archive name as in the description, such as `base.tar`
   */
  entries(archive: string): AsyncGenerator<TarEntry>;
}

/**
 * Opens a base backup; its content is decrypted and read as the entries are asked for, two parts ahead at most.
 * @throws BulkheadError UNAVAILABLE that names what is missing or damaged
 */
export async function openBase(repository: SealedRepository, base: BaseBackup): Promise<OpenBase> {
  const manifestFile = await repository.require(baseObjects.manifest(base.system, base.id));
  if (createHash('sha256').update(manifestFile).digest('hex') !== base.manifest.sha256) {
    throw backupFault(`the manifest of base backup ${base.id} is another one than its description names`);
  }
  const manifest = parseManifest(manifestFile);
  const expected = new Map(manifest.files);
  const left = new Set(base.archives.map(({ name }) => name));
  return {
    manifest,
    manifestFile,
    async *entries(archive) {
      const prefix = archive === 'base.tar' ? '' : `pg_tblspc/${archive.replace(/\.tar$/, '')}/`;
      for await (const entry of readTar(partsOf(repository, base, archive))) {
        const path = prefix + entry.path;
        const file = entry.type === 'file' ? expected.get(path) : undefined;
        yield file === undefined ? entry : { ...entry, content: verified(entry, path, file) };
        expected.delete(path);
      }
      left.delete(archive);
      const [missing] = left.size === 0 ? expected.keys() : [];
      if (missing !== undefined) throw backupFault(`base backup ${base.id} has no ${missing}`);
    },
  };
}

async function* verified(entry: TarEntry, path: string, file: ManifestFile): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of entry.content) {
    hash.update(chunk);
    yield chunk;
  }
  if (entry.bytes !== file.bytes || hash.digest('hex') !== file.sha256) {
    throw backupFault(`${path} in the base backup is not what the server held`);
  }
}

/** The content of an archive; the next part is fetched while one is read. */
async function* partsOf(repository: SealedRepository, base: BaseBackup, archive: string): AsyncGenerator<Buffer> {
  const parts = base.archives.find(({ name }) => name === archive)?.parts ?? 0;
  const fetchPart = (part: number) =>
    part > parts ? undefined : repository.require(baseObjects.part(base.system, base.id, archive, part));
  let next = fetchPart(1);
  for (let part = 1; next !== undefined; part += 1) {
    const content = await next;
    next = fetchPart(part + 1);
    // It is awaited later; until then its failure must not count as one that nobody handles.
    next?.catch(() => {});
    yield content;
  }
}
