import { arrayLiteral } from '../../db/array-literal.js';
import type { OrgTransaction } from '../../db/with-org.js';
import type { LiveKind } from './live-kind.js';

/**
 * Tells the subscribers of the organization, at every gateway, that something has happened: when the transaction commits,
 * and only if somebody watches it. Costs one statement, which travels with the others of the transaction.
 * @param id of what it is about: of the thing for READINGS, of the place for ALERTS
 */
export async function publishLive(tx: OrgTransaction, kind: LiveKind, id: string): Promise<void> {
  await tx.sql`select platform.publish_live(${kind}, ${id})`.execute();
}

/** Something that was deleted. */
export interface Deletion {
  /** What it was, e.g. `THING`. */
  readonly noun: DeletedNoun;
  readonly id: string;
  /** Canonical path of the resource that decides who may know of it: its own, or that of the site of a level. */
  readonly path: string;
}

/** Nouns whose deletion subscribers are told of. */
export const deletedNouns = [
  'SITE',
  'FLEET',
  'LEVEL',
  'LEVEL_TYPE',
  'LEVEL_GROUP',
  'THING',
  'METRIC',
  'THING_TYPE',
  'INTEGRATION',
  'TEMPLATE',
  'MONITOR',
] as const;

/** A noun whose deletion subscribers are told of. */
export type DeletedNoun = (typeof deletedNouns)[number];

/** Tells the subscribers of the organization of a deletion, as `publishLive`. */
export function publishDeletion(tx: OrgTransaction, { noun, id, path }: Deletion): Promise<void> {
  return publishLive(tx, 'DELETED', `${noun}/${id} ${path}`);
}

/** Reads what `publishDeletion` wrote; undefined for anything else. */
export function readDeletion(text: string): Deletion | undefined {
  const [, name, id, path] = /^([A-Z_]+)\/(\S+) (\S+)$/.exec(text) ?? [];
  const noun = deletedNouns.find((each) => each === name);
  return noun === undefined || id === undefined || path === undefined ? undefined : { noun, id, path };
}

/** Those of the topics that somebody watches: asked in the transaction before a change in another database. */
export async function watchedTopics(tx: OrgTransaction, kind: LiveKind, topics: readonly string[]): Promise<string[]> {
  const [row] = await tx.sql<{ topics: string[] }[]>`
    select to_jsonb(platform.watched_live(${kind}, ${arrayLiteral(topics)}::text[])) as topics`;
  return row?.topics ?? [];
}
