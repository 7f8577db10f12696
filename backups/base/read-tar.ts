import { backupFault } from '../backup-fault.js';
/** A file, directory or link of a tar archive. */
export interface TarEntry {
  readonly type: 'file' | 'directory' | 'link';
  /** Relative, with slashes, without one at its end. */
  readonly path: string;
  /** Permissions. */
  readonly mode: number;
  /** What a symbolic link leads to. */
  readonly target: string | undefined;
  readonly bytes: number;
  /** The content; what is left of it is skipped when the next entry is asked for. */
  readonly content: AsyncIterable<Buffer>;
}

const blockBytes = 512;
const types: Readonly<Record<string, TarEntry['type']>> = { '0': 'file', '\0': 'file', '5': 'directory', '2': 'link' };

/**
 * Reads a tar archive as PostgreSQL writes it (`pg_basebackup`'s format: ustar without extensions), entry by entry.
 * @throws BulkheadError UNAVAILABLE for what is not of this form, a path that leads out of the archive, and an archive that ends too early
 */
export async function* readTar(chunks: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const source = new ByteSource(chunks);
  for (;;) {
    const header = await source.exactly(blockBytes);
    if (header.every((byte) => byte === 0)) return;
    const { entry, bytes } = readHeader(header);
    const body = new Body(source, bytes);
    yield { ...entry, bytes, content: body.chunks() };
    await body.skip();
    await source.exactly((blockBytes - (bytes % blockBytes)) % blockBytes);
  }
}

/** Content of an entry as far as it was read. */
class Body {
  readonly #source: ByteSource;
  #left: number;

  constructor(source: ByteSource, bytes: number) {
    this.#source = source;
    this.#left = bytes;
  }

  async *chunks(): AsyncGenerator<Buffer> {
    while (this.#left > 0) {
      const chunk = await this.#source.atMost(this.#left);
      this.#left -= chunk.length;
      yield chunk;
    }
  }

  async skip(): Promise<void> {
    for await (const _ of this.chunks());
  }
}

class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async atMost(bytes: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) throw backupFault('the archive ends too early');
      this.#rest = next.value;
    }
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  async exactly(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = bytes; left > 0; ) {
      const part = await this.atMost(left);
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }
}

function readHeader(header: Buffer): { entry: Omit<TarEntry, 'bytes' | 'content'>; bytes: number } {
  const type = types[String.fromCharCode(header[156] ?? 0)];
  const path = text(header, 0, 100).replace(/^\.\//, '').replace(/\/$/, '');
  const prefix = text(header, 345, 155);
  if (checksumOf(header) !== number(header, 148, 8) || type === undefined || prefix !== '') {
    throw backupFault('the archive holds what PostgreSQL does not write');
  }
  if (path.startsWith('/') || path.split('/').includes('..'))
    throw backupFault(`a path leads out of the archive: ${path}`);
  const target = type === 'link' ? text(header, 157, 100) : undefined;
  return { entry: { type, path, mode: number(header, 100, 8) & 0o777, target }, bytes: number(header, 124, 12) };
}

/** Sum of all bytes, with spaces for the checksum itself (POSIX.1-1988, ustar). */
function checksumOf(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

function text(header: Buffer, at: number, bytes: number): string {
  const field = header.subarray(at, at + bytes);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? bytes : end);
}

/** Octal digits; from 8 GiB on base 256, marked by the first bit. */
function number(header: Buffer, at: number, bytes: number): number {
  if (((header[at] ?? 0) & 0x80) !== 0) return header.readUIntBE(at + bytes - 6, 6);
  const value = Number.parseInt(text(header, at, bytes).trim() || '0', 8);
  if (!Number.isSafeInteger(value)) throw backupFault('the archive holds what PostgreSQL does not write');
  return value;
}
