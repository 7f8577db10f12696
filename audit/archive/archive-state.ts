import { emptyTree, type Tree } from '../tree/grow-tree.js';

/** The tree of one organization while an archive is read. */
export interface OrganizationState {
  tree: Tree;
  /** Size at the last head. */
  headSize: number;
  /** Hashes of all leaves, where they are asked for. */
  readonly hashes: Buffer[];
}

/** What is known after a segment. */
export interface ArchiveState {
  readonly organizations: Map<string, OrganizationState>;
  log: Tree;
  /** SHA-256 of the body of the last segment, in hex; null before the first. */
  previous: string | null;
  /** Number of the last segment. */
  number: number;
  /** Moment of the last checkpoint. */
  at: string | null;
}

/** Before the first segment. */
export function newArchiveState(): ArchiveState {
  return { organizations: new Map(), log: emptyTree, previous: null, number: 0, at: null };
}

/** The state to go on from twice, after a fork. */
export function copyOfState(state: ArchiveState): ArchiveState {
  const organizations = new Map<string, OrganizationState>();
  for (const [id, { tree, headSize, hashes }] of state.organizations) {
    organizations.set(id, { tree, headSize, hashes: [...hashes] });
  }
  return { ...state, organizations };
}

/** The tree of an organization, from its first entry on. */
export function organizationState(state: ArchiveState, id: string): OrganizationState {
  let organization = state.organizations.get(id);
  if (organization === undefined) {
    organization = { tree: emptyTree, headSize: 0, hashes: [] };
    state.organizations.set(id, organization);
  }
  return organization;
}
