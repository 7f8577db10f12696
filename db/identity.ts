/** What a scope can allow; `write` does not imply `read`, `admin` implies nothing else. */
export type GrantedAction = 'read' | 'write' | 'admin';

/**
 * LIKE patterns over canonical resource paths, by action and noun (`*`: every noun), as `grantPatterns` makes them.
 * They travel signed into the transaction, where row-level security applies them.
 */
export type Grants = Readonly<Partial<Record<GrantedAction, Readonly<Record<string, readonly string[]>>>>>;

/** Who acts. OPERATOR and SYSTEM are not members of an organization; they act on one that they name. */
export interface Actor {
  readonly type: 'API_KEY' | 'OPERATOR' | 'SYSTEM';
  /** Key id, operator id, or the name of the part of the system. */
  readonly id: string;
}

/** On whose behalf rows are read or written: the first argument of the only door to them. */
export interface Identity {
  readonly orgId: string;
  readonly actor: Actor;
  readonly grants: Grants;
  /** Request that caused this, as in logs and audit entries. */
  readonly requestId: string;
  /** Address of the client, where there is one. */
  readonly clientAddress: string | null;
}

/** All of an organization, for operators and the system. */
export const allGrants: Grants = { read: { '*': ['%'] }, write: { '*': ['%'] }, admin: { '*': ['%'] } };

/** The organization id of actions that concern the deployment and no organization. */
export const deploymentOrgId = '00000000-0000-0000-0000-000000000000';

/**
 * An identity of the system itself.
 * @param part name of the part that acts, e.g. `retention`
 */
export function systemIdentity(orgId: string, part: string, requestId: string): Identity {
  return { orgId, actor: { type: 'SYSTEM', id: part }, grants: allGrants, requestId, clientAddress: null };
}
