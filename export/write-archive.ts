import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import { Encrypter } from 'age-encryption';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { beginArchive, type ExportProgress } from './archive.js';
import type { Manifest } from './manifest.js';
import type { ExportSources } from './sources.js';

/** Where an archive goes, and how. */
export interface ArchiveTarget {
  /** Path of the file; it is there when it is whole, 0600. Until then what is written has `.part` at its end. */
  readonly path: string;
  /** To whom it is encrypted (age, X25519); absent: not encrypted. */
  readonly recipient?: string;
  /** Told of progress, at most once a second. */
  readonly onProgress?: (progress: ExportProgress) => Promise<void> | void;
  readonly signal?: AbortSignal;
}

/** An archive that is written. */
export interface WrittenArchive {
  readonly manifest: Manifest;
  /** Bytes of the ZIP, before encryption. */
  readonly bytes: number;
  /** SHA-256 of the ZIP, hex. */
  readonly sha256: string;
  readonly progress: ExportProgress;
}

/** Bytes that stay free on the disk of archives, which may be that of the database. */
const reservedBytes = 512 * 1024 * 1024;
/** Milliseconds between two looks at progress and free room. */
const lookEveryMs = 1000;

/**
 * Writes the archive of an organization to a file, in bounded memory. Nothing is left where it fails.
 * @throws BulkheadError UNAVAILABLE when the disk gets full; what the sources throw
 */
export async function writeArchive(sources: ExportSources, target: ArchiveTarget): Promise<WrittenArchive> {
  const draft = `${target.path}.part`;
  const stop = new AbortController();
  const signal = target.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, target.signal]);
  await mkdir(dirname(target.path), { recursive: true, mode: 0o700 });
  await requireRoom(draft);
  await rm(draft, { force: true });
  const archive = await beginArchive(sources);
  const look = watch(async () => {
    await requireRoom(draft);
    await target.onProgress?.({ ...archive.progress });
  }, stop);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    const measured = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    const sealed = (chunks: AsyncIterable<Buffer>) =>
      target.recipient === undefined ? chunks : encrypted(chunks, target.recipient);
    const file = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true });
    await pipeline(archive.stream, measured, sealed, file, { signal });
    if (archive.manifest === undefined) throw new Error('the archive has no manifest');
    await rename(draft, target.path);
    await syncDirectory(dirname(target.path));
    return { manifest: archive.manifest, bytes, sha256: hash.digest('hex'), progress: { ...archive.progress } };
  } catch (error) {
    archive.stream.destroy();
    await rm(draft, { force: true });
    // The cause of an abort is what is to be told.
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    await look.end();
  }
}

async function* encrypted(chunks: AsyncIterable<Buffer>, recipient: string): AsyncGenerator<Uint8Array, void> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  yield* await encrypter.encrypt(ReadableStream.from(chunks) as globalThis.ReadableStream<Uint8Array>);
}

/** Runs `work` again and again, one at a time; what it throws stops the archive. */
function watch(work: () => Promise<void>, stop: AbortController): { end(): Promise<void> } {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();
  const again = () => {
    if (isOver) return;
    timer = setTimeout(() => {
      underWay = work().then(again, (error: unknown) => stop.abort(error));
    }, lookEveryMs);
  };
  again();
  return {
    end: async () => {
      isOver = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}

async function requireRoom(path: string): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize < reservedBytes) {
    throw new BulkheadError('UNAVAILABLE', 'The disk for archives is nearly full: 512 MiB of it stay free');
  }
}

/** A new name is only safe from a power cut when its directory is on the disk too. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
