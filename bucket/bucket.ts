import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { BulkheadError } from '../errors/bulkhead-error.js';

/** An S3-compatible bucket. */
export interface BucketAddress {
  /** Address of the bucket, without a slash at its end: `https://s3.eu-central-1.amazonaws.com/bucket`. */
  readonly url: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** An object of a bucket, as in a list. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/** Milliseconds that one request may take (default). */
const defaultTimeoutMs = 10_000;

/** The objects of a bucket, by requests that are signed (AWS Signature Version 4) and never follow elsewhere. */
export class Bucket {
  readonly #url: string;
  readonly #client: AwsClient;
  readonly #timeoutMs: number;

  /** @param timeoutMs milliseconds that one request may take (default 10 s) */
  constructor({ url, region, accessKeyId, secretAccessKey }: BucketAddress, timeoutMs = defaultTimeoutMs) {
    this.#url = url;
    this.#client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Stores an object, once: `If-None-Match: *` refuses to write over another one.
   * @returns false when there is one of this key already
   * @throws BulkheadError UNAVAILABLE with the status, when it was not stored
   */
  async put(key: string, body: string | Buffer, contentType: string): Promise<boolean> {
    const answer = await this.#fetch(`/${key}`, {
      method: 'PUT',
      body,
      headers: {
        'content-type': contentType,
        'if-none-match': '*',
        'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
      },
    });
    await answer.arrayBuffer();
    if (answer.status === 412) return false;
    requireOk(answer);
    return true;
  }

  /** The content of an object; undefined where there is none. */
  async get(key: string): Promise<Buffer | undefined> {
    const answer = await this.#fetch(`/${key}`, {});
    const body = Buffer.from(await answer.arrayBuffer());
    if (answer.status === 404) return undefined;
    requireOk(answer);
    return body;
  }

  /** All objects whose keys begin so, in order of their keys (ListObjectsV2). Keys must need no escaping in XML. */
  async *list(prefix: string): AsyncGenerator<ListedObject> {
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ 'list-type': '2', prefix });
      if (token !== undefined) query.set('continuation-token', token);
      const answer = await this.#fetch(`?${query}`, {});
      const page = await answer.text();
      requireOk(answer);
      for (const [, entry = ''] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) yield listedObject(entry);
      token = element(page, 'IsTruncated') === 'true' ? unescaped(element(page, 'NextContinuationToken')) : undefined;
    } while (token !== undefined);
  }

  /** Removes an object; none of this key is no fault. */
  async remove(key: string): Promise<void> {
    const answer = await this.#fetch(`/${key}`, { method: 'DELETE' });
    await answer.arrayBuffer();
    if (answer.status !== 404) requireOk(answer);
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    return this.#client.fetch(`${this.#url}${path}`, { ...init, redirect: 'error', signal });
  }
}

function requireOk({ ok, status }: Response): void {
  if (!ok) throw new BulkheadError('UNAVAILABLE', `the bucket answers ${status}`);
}

function listedObject(entry: string): ListedObject {
  const [key, bytes] = [element(entry, 'Key'), Number(element(entry, 'Size'))];
  if (key === '' || !Number.isSafeInteger(bytes))
    throw new BulkheadError('UNAVAILABLE', 'the bucket answers no list of objects');
  return { key, bytes, modifiedAt: new Date(element(entry, 'LastModified')) };
}

function element(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}

function unescaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
