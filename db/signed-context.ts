import { createHmac } from 'node:crypto';
import type { Identity } from '../auth/identity.js';
import { arrayLiteral } from './array-literal.js';

/** Why a transaction is opened: PostgreSQL shows it `read` scopes, or `read` and `write` scopes and lets it change. */
export type Purpose = 'read' | 'write';

/** Seconds for which a context is accepted; a transaction that lives longer sees no more rows. */
const contextLifetimeSeconds = 30;

/**
 * The value of `app.context` for one connection: HMAC-SHA-256 (RFC 2104) in hex, then the lines that it signs.
 * `app.verified()` in the database verifies and describes it.
 * @param key the context key, 32 bytes
 * @param pid process id of the connection's backend: the context is worth nothing on another connection
 * @throws Error for an identity with a line break in it, which no id, address or pattern has
 */
export function signContext(key: Buffer, identity: Identity, purpose: Purpose, pid: number): string {
  const fields = [
    identity.orgId,
    String(pid),
    String(Date.now() / 1000 + contextLifetimeSeconds),
    purpose,
    identity.keyRevision ?? '',
    identity.actor.type,
    identity.actor.id,
    identity.requestId,
    identity.clientAddress ?? '',
  ];
  if (fields.some((field) => field.includes('\n'))) throw new Error('a field of a context has more than one line');
  const payload = `${fields.join('\n')}${grantLines(identity.grants)[purpose]}\n`;
  return createHmac('sha256', key).update(payload, 'utf8').digest('hex') + payload;
}

type Grants = Identity['grants'];
type GrantLines = Readonly<Record<Purpose, string>>;

const linesOf = new WeakMap<Grants, GrantLines>();

/** Lines of patterns for both purposes, made once for the grants of a key. */
function grantLines(grants: Grants): GrantLines {
  let lines = linesOf.get(grants);
  if (lines === undefined) {
    const { read = {}, write = {}, admin = {} } = grants;
    lines = {
      read: usable('visible', [read]),
      write: usable('visible', [read, write, admin]) + usable('write', [write]) + usable('admin', [admin]),
    };
    linesOf.set(grants, lines);
  }
  return lines;
}

function usable(use: 'visible' | 'write' | 'admin', granted: readonly NonNullable<Grants[keyof Grants]>[]): string {
  // The pattern under `*` is `%`: it contains all others.
  if (granted.some((byNoun) => byNoun['*'] !== undefined)) return `\n${use} *`;
  const patterns = new Map<string, Set<string>>();
  for (const [noun, ofNoun] of granted.flatMap((byNoun) => Object.entries(byNoun))) {
    for (const pattern of ofNoun) patterns.set(noun, (patterns.get(noun) ?? new Set()).add(pattern));
  }
  return [...patterns].map(([noun, ofNoun]) => `\n${use} ${noun} ${line(arrayLiteral([...ofNoun]))}`).join('');
}

function line(text: string): string {
  if (text.includes('\n')) throw new Error('a pattern has more than one line');
  return text;
}
