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

/** Bytes of one change at most; of a larger one its SHA-256 and size are kept. */
const maxChangeBytes = 32_768;
/** Levels of one change at most, a few more than any input may have: deeper ones could not be written or read back. */
const maxChangeDepth = 80;

/**
 * Appends an entry in the transaction of the change that it records, so that neither is ever there without the other.
 */
export async function appendAudit(tx: OrgTransaction, entry: AuditEntry): Promise<void> {
  await tx.sql`select audit.append(${entry.action}, ${entry.resource.slice(0, 400)}, ${entry.outcome},
                                   ${entry.code ?? null}, ${boundedChange(entry.change)})`;
}

function boundedChange(change: unknown): string {
  if (isDeeperThan(change, maxChangeDepth)) {
    return JSON.stringify({ omitted: { reason: `nests deeper than ${maxChangeDepth} levels` } });
  }
  // `change` of the API is never null: JSON null is no value.
  const text = JSON.stringify(change ?? {});
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxChangeBytes) return text;
  return JSON.stringify({ omitted: { bytes, sha256: createHash('sha256').update(text).digest('hex') } });
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(item, levels - 1));
}
