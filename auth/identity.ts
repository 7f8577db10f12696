import type { IdempotencyClaim } from './idempotency-claim.js';
import { type GrantPatterns, grantPatterns } from './scopes/grant-patterns.js';
import type { Scope } from './scopes/scope.js';

/** Who acts. OPERATOR and SYSTEM are not members of an organization; they act on one that they name. */
export interface Actor {
  readonly type: 'API_KEY' | 'OPERATOR' | 'SYSTEM';
  /** Key id, operator id, or the name of the part of the system. */
  readonly id: string;
}

/** What became of the transactions of one request, for which an identity is made. */
export interface RequestFate {
  /** A transaction has entered the context of the identity: PostgreSQL has confirmed its key. */
  isEntered: boolean;
  /** PostgreSQL has refused the key in some transaction. */
  isRefused: boolean;
  /** A transaction that writes was committed, or may have been. */
  isWritten: boolean;
  /** Claim of a mutation that was sent with an Idempotency-Key. */
  claim: IdempotencyClaim | undefined;
}

/** On whose behalf rows are read or written: the first argument of the only door to them. */
export interface Identity {
  readonly orgId: string;
  readonly actor: Actor;
  readonly scopes: readonly Scope[];
  /** The scopes as LIKE patterns: they travel signed into the transaction, where row-level security applies them. */
  readonly grants: GrantPatterns;
  /** Revision of the key as it was looked up: PostgreSQL refuses a transaction of one that has changed since. */
  readonly keyRevision?: string;
  /** Request that caused this, as in logs and audit entries. */
  readonly requestId: string;
  /** Address of the client, where there is one. */
  readonly clientAddress: string | null;
  readonly fate: RequestFate;
}

/** The organization id of actions that concern the deployment and no organization. */
export const deploymentOrgId = '00000000-0000-0000-0000-000000000000';

const everything: readonly Scope[] = [{ action: '*', filter: '*' }];
const everythingGranted = grantPatterns(everything);

/** An identity with the given scopes; their patterns can be given where they are known. */
export function createIdentity(
  parts: Omit<Identity, 'grants' | 'fate'>,
  grants: GrantPatterns = grantPatterns(parts.scopes),
): Identity {
  return Object.freeze({ ...parts, grants, fate: unknownFate() });
}

/**
 * An identity of the system itself, with all of one organization.
 * @param part name of the part that acts, e.g. `retention`
 */
export function systemIdentity(orgId: string, part: string, requestId: string): Identity {
  return unrestricted(orgId, { type: 'SYSTEM', id: part }, requestId, null);
}

/** An identity of an operator who acts on one organization. */
export function operatorIdentity(
  orgId: string,
  operatorId: string,
  requestId: string,
  clientAddress: string | null,
): Identity {
  return unrestricted(orgId, { type: 'OPERATOR', id: operatorId }, requestId, clientAddress);
}

function unrestricted(orgId: string, actor: Actor, requestId: string, clientAddress: string | null): Identity {
  const grants = everythingGranted;
  return Object.freeze({ orgId, actor, scopes: everything, grants, requestId, clientAddress, fate: unknownFate() });
}

/** A property, since entries of a WeakMap for every request cost the garbage collector more than all else here. */
function unknownFate(): RequestFate {
  return { isEntered: false, isRefused: false, isWritten: false, claim: undefined };
}
