import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { type AuditSigner, type AuditVerifier, isSignatureOfStatement, signStatement } from '../audit-key.js';
import { syncDirectory } from '../sync-directory.js';
import { LedgerFault } from './ledger-fault.js';

/** What happened that no restored database may undo. */
export const ledgerEvents = [
  /** The first line: the deployment whose ledger this is. */
  'LEDGER_BEGUN',
  'DELETION_BEGUN',
  'DELETION_COMPLETED',
  /** Subject: id of the key. */
  'API_KEY_REVOKED',
  /** Subject: `<key id>/<id of the secret>`. The secret ends `at`, which may be to come. */
  'API_KEY_SECRET_ENDED',
  /**
   * Subject: `<key id>/<revision>`. From that revision of its row on the key may do less, or from fewer addresses; what it
   * may do is not in the ledger, which outlives the organization.
   */
  'API_KEY_NARROWED',
  /** Subject: `<key id>/<revision>`. From that revision of its row on the key expires `at`, sooner than before. */
  'API_KEY_EXPIRY_SET',
  /** Subject: `<tier>/<revision>/<tokens per minute>/<burst>`, as the limit is from that revision of its row on. */
  'RATE_LIMIT_SET',
  /** Subject: id of the operator. */
  'OPERATOR_REVOKED',
  /** Subject: `<integration id>/<name>`. The value that the secret had before `at` was replaced or deleted then. */
  'SECRET_ENDED',
] as const;

/** What happened that no restored database may undo. */
export type LedgerEvent = (typeof ledgerEvents)[number];

/** What is entered. */
export interface LedgerFact {
  readonly event: LedgerEvent;
  /** Id of the organization; all zeros for the deployment. */
  readonly organization: string;
  /** What of the organization it is about; without one it is about the whole. */
  readonly subject?: string;
  /** Moment in UTC, ISO 8601. */
  readonly at: string;
}

/** A line of the ledger. */
export interface LedgerEntry extends LedgerFact {
  /** From 1, without gaps. */
  readonly number: number;
  /** SHA-256 of the line before, without its line feed, in hex; null for the first. */
  readonly previous: string | null;
  /** Ed25519 of the statement `ledger-entry`: the line without this field. In base64. */
  readonly signature: string;
}

/** An entry with the SHA-256 of its line, in hex. */
export interface PlacedEntry extends LedgerEntry {
  readonly sha256: string;
}

/** A line that is known to be in a ledger. */
export type LedgerEnd = Pick<PlacedEntry, 'number' | 'sha256'>;

/** Name of the file in the directory of the ledger. */
export const ledgerFileName = 'ledger.jsonl';
const noOrganization = '00000000-0000-0000-0000-000000000000';
const purpose = 'ledger-entry';

/**
 * Enters facts, each once: where one is entered already, that entry is the answer. On the disk when it returns. The first
 * line, which names the deployment, is made with the first call. Only one may write at a time, which the caller sees to.
 * What a crash left of a line that was never whole is cut off.
 * @param end a line that it has to have; undefined while none is known
 * @returns the entries of the facts, in their order, and the last one of the ledger
 * @throws LedgerFault for a ledger whose lines do not follow from each other, or that has not the line: nothing is added
 */
export function enterInLedger(
  directory: string,
  signer: AuditSigner,
  facts: readonly LedgerFact[],
  end?: LedgerEnd,
): { readonly entries: readonly PlacedEntry[]; readonly last: PlacedEntry } {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { entries, bytes } = readLines(directory);
  requireLine(entries, end);
  const known = new Map(entries.map((entry) => [identityOf(entry), entry]));
  const begun: LedgerFact = {
    event: 'LEDGER_BEGUN',
    organization: noOrganization,
    subject: signer.name,
    at: new Date().toISOString(),
  };
  let [last] = entries.slice(-1);
  const lines: string[] = [];
  const enter = (fact: LedgerFact): PlacedEntry => {
    const present = known.get(identityOf(fact));
    if (present !== undefined) return present;
    const { event, organization, subject, at } = fact;
    const what = { event, organization, ...(subject === undefined ? {} : { subject }), at };
    const unsigned = { number: (last?.number ?? 0) + 1, previous: last?.sha256 ?? null, ...what };
    const signature = signStatement(signer, purpose, textOf(unsigned)).toString('base64');
    const line = textOf({ ...unsigned, signature });
    lines.push(line);
    last = { ...unsigned, signature, sha256: hashOf(line) };
    known.set(identityOf(fact), last);
    return last;
  };
  if (last === undefined) last = enter(begun);
  const placed = facts.map(enter);
  if (lines.length > 0) append(directory, bytes, lines);
  return { entries: placed, last };
}

/**
 * All entries, in order; none where there is no ledger.
 * @throws Error that names the first line that does not follow from those before
 */
export function readLedger(directory: string): PlacedEntry[] {
  return readLines(directory).entries;
}

/**
 * All entries of the ledger of a deployment, each known to be signed by it.
 * @throws Error that says what is wrong: there is none, it is of another deployment, a line does not follow or is forged
 */
export function readSignedLedger(directory: string, key: AuditVerifier): PlacedEntry[] {
  const entries = readLedger(directory);
  const [first] = entries;
  if (first === undefined) throw new Error(`There is no ledger in ${directory}.`);
  if (first.event !== 'LEDGER_BEGUN' || first.subject !== key.name) {
    throw new Error(`The ledger in ${directory} is that of another deployment.`);
  }
  for (const { sha256: _, signature, ...unsigned } of entries) {
    if (isSignatureOfStatement(key, purpose, textOf(unsigned), Buffer.from(signature ?? '', 'base64'))) continue;
    throw new Error(`Line ${unsigned.number} of the ledger was not signed by this deployment.`);
  }
  return entries;
}

/**
 * Refuses a ledger that is shorter than what is known of it, or another one.
 * @param end a line that it has to have; undefined while none is known
 * @throws LedgerFault
 */
export function requireLine(entries: readonly PlacedEntry[], end: LedgerEnd | undefined): void {
  if (end === undefined || entries[end.number - 1]?.sha256 === end.sha256) return;
  throw new LedgerFault(
    `This ledger has ${entries.length} lines, and is not the one whose line ${end.number} the database knows: ` +
      'give the newest copy of the ledger of this deployment, by --ledger or LEDGER_DIRECTORY.',
  );
}

/** A deletion is entered once, whenever; all else once for each moment. */
function identityOf({ event, organization, subject, at }: LedgerFact): string {
  return JSON.stringify(subject === undefined ? [event, organization] : [event, organization, subject, at]);
}

function append(directory: string, bytes: number, lines: readonly string[]): void {
  const path = join(directory, ledgerFileName);
  const file = openSync(path, existsSync(path) ? 'r+' : 'wx+', 0o600);
  try {
    ftruncateSync(file, bytes);
    writeWhole(file, Buffer.from(`${lines.join('\n')}\n`), bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncDirectory(directory);
}

/**
 * Writes all of it, at the end of the file.
 * @throws Error when the disk has not taken it: then the file ends at `position` as before
 */
function writeWhole(file: number, text: Buffer, position: number): void {
  try {
    // A disk that is full or a limit may take a part of it only, without an error.
    for (let written = 0; written < text.length; ) {
      const taken = writeSync(file, text, written, text.length - written, position + written);
      if (taken === 0) throw new LedgerFault('The disk of the ledger takes no more: make room on it.');
      written += taken;
    }
    const { size } = fstatSync(file);
    if (size !== position + text.length) throw new LedgerFault('Something else writes into the ledger.');
  } catch (error) {
    ftruncateSync(file, position);
    throw error;
  }
}

function readLines(directory: string): { entries: PlacedEntry[]; bytes: number } {
  const path = join(directory, ledgerFileName);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const entries: PlacedEntry[] = [];
  for (const line of whole.split('\n').slice(0, -1)) {
    const number = entries.length + 1;
    const entry = readEntry(line);
    if (entry?.number !== number || entry.previous !== (entries.at(-1)?.sha256 ?? null)) {
      throw new LedgerFault(`line ${number} of the ledger does not follow from those before it`);
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

function textOf(value: object): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('an entry has no JSON');
  return text;
}

function hashOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}
