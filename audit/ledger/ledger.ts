import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { syncDirectory } from '../sync-directory.js';

/** What happened to an organization that no restored database may undo. */
export type LedgerEvent = 'DELETION_BEGUN' | 'DELETION_COMPLETED';

/** What is entered. */
export interface LedgerFact {
  readonly event: LedgerEvent;
  readonly organization: string;
  /** Moment in UTC, ISO 8601. */
  readonly at: string;
}

/** A line of the ledger. */
export interface LedgerEntry extends LedgerFact {
  /** From 1, without gaps. */
  readonly number: number;
  /** SHA-256 of the line before, without its line feed, in hex; null for the first. */
  readonly previous: string | null;
}

/** An entry with the SHA-256 of its line, in hex. */
export interface PlacedEntry extends LedgerEntry {
  readonly sha256: string;
}

/** Name of the file in the directory of the ledger. */
const fileName = 'ledger.jsonl';

/**
 * Enters a fact, once: where it is entered already, that entry is the answer. On the disk when it returns. Only one may
 * write at a time, which the caller sees to. What a crash left of a line that was never whole is cut off.
 * @throws Error for a ledger whose lines do not follow from each other: nothing is added to it
 */
export function enterInLedger(directory: string, fact: LedgerFact): PlacedEntry {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { entries, bytes } = readLines(directory);
  const known = entries.find(({ event, organization }) => event === fact.event && organization === fact.organization);
  if (known !== undefined) return known;
  const last = entries.at(-1);
  const { event, organization, at } = fact;
  const entry = { number: entries.length + 1, previous: last?.sha256 ?? null, event, organization, at };
  const line = canonicalize(entry) ?? '';
  const file = openSync(join(directory, fileName), existsSync(join(directory, fileName)) ? 'r+' : 'wx+', 0o600);
  try {
    ftruncateSync(file, bytes);
    writeSync(file, `${line}\n`, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncDirectory(directory);
  return { ...entry, sha256: hashOf(line) };
}

/**
 * All entries, in order; none where there is no ledger.
 * @throws Error that names the first line that does not follow from those before
 */
export function readLedger(directory: string): PlacedEntry[] {
  return readLines(directory).entries;
}

function readLines(directory: string): { entries: PlacedEntry[]; bytes: number } {
  const path = join(directory, fileName);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const entries: PlacedEntry[] = [];
  for (const line of whole.split('\n').slice(0, -1)) {
    const number = entries.length + 1;
    const entry = readEntry(line);
    if (entry?.number !== number || entry.previous !== (entries.at(-1)?.sha256 ?? null)) {
      throw new Error(`line ${number} of the ledger does not follow from those before it`);
    }
    entries.push({ ...entry, sha256: hashOf(line) });
  }
  return { entries, bytes: Buffer.byteLength(whole) };
}

function readEntry(line: string): LedgerEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? (entry as LedgerEntry) : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}
