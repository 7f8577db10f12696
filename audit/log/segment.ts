import { createHash } from 'node:crypto';

/** A leaf with the signature of its statement. */
export interface SignedLeaf {
  readonly leaf: string;
  readonly signature: Buffer;
}

/** Where a segment stands. */
export interface SegmentPlace {
  readonly generation: number;
  /** Counts from 1. */
  readonly number: number;
}

/** What is new since the segment before. */
export interface Segment {
  /** New leaves: of one organization after another, then of the deployment. */
  readonly leaves: readonly SignedLeaf[];
  /** Checkpoint of the deployment's tree with these leaves. */
  readonly note: string;
}

/**
 * The body of a segment: a line for each leaf (its exact text, a tab, its signature in base64), an empty line, and the
 * note. Canonical JSON has neither tabs nor line feeds.
 */
export function segmentBody({ leaves, note }: Segment): string {
  return `${leaves.map(({ leaf, signature }) => `${leaf}\t${signature.toString('base64')}\n`).join('')}\n${note}`;
}

/** SHA-256 of a body, in hex. */
export function bodyHash(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

/** The file of a segment: a line with its place and the hash of its body, then the body. */
export function segmentFile({ generation, number }: SegmentPlace, body: string): string {
  return `bulkhead audit segment ${generation}/${number} sha256 ${bodyHash(body)}\n${body}`;
}

/** Path of a segment below the directory or bucket of the copies, e.g. `1/000012/000012345.segment`. */
export function segmentPath({ generation, number }: SegmentPlace): string {
  const padded = String(number).padStart(9, '0');
  return `${generation}/${padded.slice(0, -3).padStart(6, '0')}/${padded}.segment`;
}

/** A file of a segment, as far as it can be read. */
export interface ReadSegment {
  readonly place: string;
  /** Hash that the first line states, in hex. */
  readonly statedHash: string;
  readonly body: string;
  /** Lines of leaves; `signature` is empty where there is none. */
  readonly leaves: readonly SignedLeaf[];
  readonly note: string;
}

/** Reads the file of a segment; undefined where it has no such form. */
export function readSegment(file: string): ReadSegment | undefined {
  const [, place = '', statedHash = '', body] =
    /^bulkhead audit segment (\d+\/\d+) sha256 ([0-9a-f]{64})\n(.*)$/s.exec(file) ?? [];
  if (body === undefined) return undefined;
  const end = body.indexOf('\n\n');
  const lines = body.startsWith('\n') ? '' : body.slice(0, end < 0 ? body.length : end);
  const note = body.startsWith('\n') ? body.slice(1) : end < 0 ? '' : body.slice(end + 2);
  return { place, statedHash, body, leaves: lines === '' ? [] : lines.split('\n').map(readLine), note };
}

function readLine(line: string): SignedLeaf {
  const [leaf = '', signature = ''] = line.split('\t');
  return { leaf, signature: Buffer.from(signature, 'base64') };
}
