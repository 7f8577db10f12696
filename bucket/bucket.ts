import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { type BucketAnswer, bucketFault, isPassing, unansweredFault } from './bucket-answer.js';
import { textOf } from './xml-element.js';

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
/** Milliseconds before a request is made again that met a fault that passes: as many attempts as the SDKs of AWS make. */
const pausesMs = [250, 1000];

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
   * Stores an object, once. `If-None-Match: *` refuses to write over another one; since some stores ignore that, or know
   * no such condition, it is looked for before. S3 takes 5 GiB in one request.
   * @returns false when there is one of this key already
   * @throws BulkheadError UNAVAILABLE with the status, when it was not stored
   */
  async put(key: string, body: string | Buffer, contentType: string): Promise<boolean> {
    const found = await this.#ask(pathOf(key), { method: 'HEAD' });
    if (found.status === 200) return false;
    // What answers a HEAD has no words.
    if (found.status !== 404 && (await this.get(key)) !== undefined) return false;
    const put = (condition: Readonly<Record<string, string>>) =>
      this.#ask(pathOf(key), {
        method: 'PUT',
        body,
        headers: {
          'content-type': contentType,
          'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
          ...condition,
        },
      });
    const answer = await put({ 'if-none-match': '*' });
    if (answer.status === 412) return false;
    requireOk(answer.status === 501 ? await put({}) : answer);
    return true;
  }

  /**
   * The content of an object; undefined where there is none.
   * @param firstBytes how many are asked for (default all); a store may answer more
   * @throws BulkheadError UNAVAILABLE with the status, also where there is no such bucket
   */
  async get(key: string, firstBytes?: number): Promise<Buffer | undefined> {
    const headers = firstBytes === undefined ? {} : { range: `bytes=0-${firstBytes - 1}` };
    const answer = await this.#ask(pathOf(key), { headers });
    if (isMissing(answer)) return undefined;
    requireOk(answer);
    return answer.body;
  }

  /** All objects whose keys begin so, in order of their keys (ListObjectsV2, which gives 1,000 at a time). */
  async *list(prefix: string): AsyncGenerator<ListedObject> {
    let token: string | undefined;
    do {
      const asked = { 'list-type': '2', prefix, ...(token === undefined ? {} : { 'continuation-token': token }) };
      // Signed is a blank as `%20`; a store that takes what was sent for what was signed has to be sent that.
      const query = new URLSearchParams(asked).toString().replaceAll('+', '%20');
      const answer = await this.#ask(`?${query}`, {});
      requireOk(answer);
      const page = answer.body.toString('utf8');
      for (const [, entry = ''] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) yield listedObject(entry);
      token = textOf(page, 'IsTruncated') === 'true' ? textOf(page, 'NextContinuationToken') : undefined;
    } while (token !== undefined);
  }

  /** Removes an object; none of this key is no fault. */
  async remove(key: string): Promise<void> {
    const answer = await this.#ask(pathOf(key), { method: 'DELETE' });
    if (!isMissing(answer)) requireOk(answer);
  }

  /** Asks, again where the fault passes. What may have been done by an attempt whose answer was lost is found by the next. */
  async #ask(path: string, init: RequestInit): Promise<BucketAnswer> {
    for (const pauseMs of pausesMs) {
      const answer = await this.#attempt(path, init).catch((error: unknown) => {
        if (!isPassing(error)) throw unansweredFault(error, this.#timeoutMs);
        return undefined;
      });
      if (answer !== undefined && !isPassing(answer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return this.#attempt(path, init).catch((error: unknown) => {
      throw unansweredFault(error, this.#timeoutMs);
    });
  }

  async #attempt(path: string, init: RequestInit): Promise<BucketAnswer> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    const answer = await this.#client.fetch(`${this.#url}${path}`, { ...init, redirect: 'error', signal });
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
  }
}

/** Each part escaped by itself: what signs takes a plus for a blank, and a URL ends at a question mark. */
function pathOf(key: string): string {
  return `/${key.split('/').map(encodeURIComponent).join('/')}`;
}

function requireOk(answer: BucketAnswer): void {
  if (answer.status < 200 || answer.status > 299) throw bucketFault(answer);
}

/** Whether there is no such object; a bucket that is not there is another fault. */
function isMissing({ status, body }: BucketAnswer): boolean {
  return status === 404 && textOf(body.toString('utf8'), 'Code') !== 'NoSuchBucket';
}

function listedObject(entry: string): ListedObject {
  const [key, bytes] = [textOf(entry, 'Key'), Number(textOf(entry, 'Size'))];
  if (key === '' || !Number.isSafeInteger(bytes))
    throw new BulkheadError('UNAVAILABLE', 'the bucket answers no list of objects');
  return { key, bytes, modifiedAt: new Date(textOf(entry, 'LastModified')) };
}
