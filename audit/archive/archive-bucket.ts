import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { type SegmentPlace, segmentPath } from '../log/segment.js';
import type { Written } from './archive-directory.js';

/** An S3-compatible bucket for copies of the audit log. */
export interface BucketAddress {
  /** Address of the bucket and a prefix in it, without a slash at its end: `https://s3.eu-central-1.amazonaws.com/bucket/audit`. */
  readonly url: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Milliseconds that one request may take. */
const timeoutMs = 10_000;

/**
 * Puts a segment into the bucket, once: `If-None-Match: *` refuses to write over another one. Object lock of the bucket
 * keeps it from whoever holds the credentials.
 * @throws Error with the status, when it was not stored
 */
export async function putSegment(bucket: BucketAddress, place: SegmentPlace, file: string): Promise<Written> {
  const { url, region, accessKeyId, secretAccessKey } = bucket;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
  const object = `${url}/${segmentPath(place)}`;
  const sha256 = createHash('sha256').update(file).digest('hex');
  const options = { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) } as const;
  const put = await client.fetch(object, {
    ...options,
    method: 'PUT',
    body: file,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'if-none-match': '*', 'x-amz-content-sha256': sha256 },
  });
  await put.arrayBuffer();
  if (put.ok) return 'written';
  if (put.status !== 412) throw new Error(`the bucket answers ${put.status}`);
  const get = await client.fetch(object, options);
  const there = await get.text();
  if (!get.ok) throw new Error(`the bucket answers ${get.status}`);
  return there === file ? 'same' : 'conflict';
}
