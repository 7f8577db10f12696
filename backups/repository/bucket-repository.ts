import { Bucket, type BucketAddress } from '../../bucket/bucket.js';
import { type Repository, requireName, type StoredObject } from './repository.js';

/** Milliseconds that one request may take: 16 MiB in two minutes are 140 kB/s. */
const timeoutMs = 120_000;

/** A repository in S3-compatible storage. Object lock or versions of the bucket keep it from whoever holds the credentials. */
export class BucketRepository implements Repository {
  readonly place: string;
  readonly #bucket: Bucket;

  constructor(address: BucketAddress) {
    this.place = address.url;
    this.#bucket = new Bucket(address, timeoutMs);
  }

  async put(name: string, content: Buffer): Promise<boolean> {
    return this.#bucket.put(requireName(name), content, 'application/octet-stream');
  }

  get(name: string): Promise<Buffer | undefined> {
    return this.#bucket.get(requireName(name));
  }

  async getBegin(name: string, bytes: number): Promise<Buffer | undefined> {
    // Some stores ignore `Range`, and answer the whole of it.
    return (await this.#bucket.get(requireName(name), bytes))?.subarray(0, bytes);
  }

  async *list(folder: string): AsyncGenerator<StoredObject> {
    for await (const { key, bytes, modifiedAt } of this.#bucket.list(folder)) {
      yield { name: key, bytes, storedAt: modifiedAt };
    }
  }

  remove(name: string): Promise<void> {
    return this.#bucket.remove(requireName(name));
  }
}
