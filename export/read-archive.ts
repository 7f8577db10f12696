import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Decrypter } from 'age-encryption';

/**
 * Reads an archive that is encrypted, decrypting it as it is read: what was tampered with ends the stream with an error.
 * @param from bytes of the archive that are left out at its begin; they are decrypted all the same
 * @throws Error with code ENOENT when the file is not there, Error when the token does not open it
 */
export async function readArchive(path: string, token: string, from = 0): Promise<Readable> {
  // Opened first: a stream would tell of a file that is not there when it is too late for an answer.
  const handle = await open(path, 'r');
  const file = createReadStream('', { fd: handle });
  try {
    const decrypter = new Decrypter();
    decrypter.addIdentity(token);
    const plain = await decrypter.decrypt(Readable.toWeb(file) as globalThis.ReadableStream<Uint8Array>);
    return Readable.from(after(plain, from), { objectMode: false });
  } catch (error) {
    file.destroy();
    throw error;
  }
}

async function* after(chunks: AsyncIterable<Uint8Array>, from: number): AsyncGenerator<Buffer, void> {
  let left = from;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield Buffer.from(chunk.buffer, chunk.byteOffset + left, chunk.length - left);
    left = Math.max(0, left - chunk.length);
  }
}
