import { createHash } from 'node:crypto';
import type { OrgTransaction } from '../db/with-org.js';
import type { ErrorCode } from '../errors/error-codes.js';

/** What came of an attempt. */
export type AuditOutcome = 'INTENDED' | 'SUCCEEDED' | 'REFUSED' | 'FAILED';

/** An entry of the audit log; actor, organization, address, request and moment come from the signed context. */
export interface AuditEntry {
  /** Name of the mutation or task. */
  readonly action: string;
  /** Canonical path of the resource. */
  readonly resource: string;
  readonly outcome: AuditOutcome;
  /** Code of a refused or failed attempt. */
  readonly code?: ErrorCode;
  /** What was asked for and what was there before; secrets are masked before they come here. */
  readonly change: unknown;
}

/** Bytes of one change at most; of parts that do not fit their SHA-256 and size are kept. */
const maxChangeBytes = 32_768;
/** Levels of one change at most, a few more than any input may have: deeper ones could not be written or read back. */
const maxChangeDepth = 80;

/**
 * Appends an entry in the transaction of the change that it records, so that neither is ever there without the other.
 * It is sent when this is called, after what was sent before.
 */
export async function appendAudit(tx: Pick<OrgTransaction, 'sql'>, entry: AuditEntry): Promise<void> {
  await tx.sql`select audit.append(${entry.action}, ${entry.resource.slice(0, 400)}, ${entry.outcome},
                                   ${entry.code ?? null}, ${boundedChange(entry.change)})`.execute();
}

/**
 * The text of a change within its bounds. What does not fit gives way part by part, what was asked for last, so that
 * whoever can fill a row with long values cannot make its entries say nothing.
 */
function boundedChange(change: unknown): string {
  if (isDeeperThan(change, maxChangeDepth)) {
    return JSON.stringify({ omitted: { reason: `nests deeper than ${maxChangeDepth} levels` } });
  }
  // `change` of the API is never null: JSON null is no value.
  const whole = JSON.stringify(change ?? {});
  if (Buffer.byteLength(whole) <= maxChangeBytes) return whole;
  for (const maxPartBytes of [4096, 512, 64]) {
    const text = JSON.stringify(withoutLongParts(change, maxPartBytes));
    if (Buffer.byteLength(text) <= maxChangeBytes) return text;
  }
  return JSON.stringify(digestOf(whole));
}

/** The fields of `input` and `before`, each that is too long replaced by its digest. */
function withoutLongParts(change: unknown, maxPartBytes: number): unknown {
  if (typeof change !== 'object' || change === null) return change;
  return Object.fromEntries(
    Object.entries(change).map(([part, value]) => [
      part,
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? shortened(value, maxPartBytes)
        : Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shortened(field, maxPartBytes)])),
    ]),
  );
}

function shortened(value: unknown, maxBytes: number): unknown {
  const text = JSON.stringify(value) ?? '';
  return Buffer.byteLength(text) <= maxBytes ? value : digestOf(text);
}

function digestOf(text: string) {
  return { omitted: { bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') } };
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(item, levels - 1));
}
