import { Bucket, type BucketAddress } from '../../bucket/bucket.js';
import { type SegmentPlace, segmentPath } from '../log/segment.js';
import type { Written } from './archive-directory.js';

/**
 * Puts a segment into the bucket, once. Object lock of the bucket keeps it from whoever holds the credentials.
 * @param address with a prefix: `https://s3.eu-central-1.amazonaws.com/bucket/audit`
 * @throws Error with the status, when it was not stored
 */
export async function putSegment(address: BucketAddress, place: SegmentPlace, file: string): Promise<Written> {
  const bucket = new Bucket(address);
  const key = segmentPath(place);
  if (await bucket.put(key, file, 'text/plain; charset=utf-8')) return 'written';
  return (await bucket.get(key))?.toString('utf8') === file ? 'same' : 'conflict';
}
