import { listSystems, readCatalogue } from '../backups/catalogue.js';
import { countByKey } from '../backups/repository/count-by-key.js';
import type { SealedRepository } from '../backups/repository/sealed-repository.js';
import type { DeploymentKey } from '../domain/deployment-key/deployment-keys.js';

/** What depends on a key. */
export interface KeyUses {
  /** Key pairs of organizations that a root key has wrapped. */
  readonly keyPairs?: number;
  /** Base backups that may hold such key pairs. */
  readonly baseBackups?: number;
  /** Objects of the repository that a backup key has sealed. */
  readonly objects?: number;
}

/** Where uses are looked for. */
export interface UsePlaces {
  readonly keyPairs: ReadonlyMap<string, number>;
  /** Ids of the base backups in the repository. */
  readonly bases: readonly string[];
  /** Objects by key; undefined where they were not counted. */
  readonly objects: ReadonlyMap<string, number> | undefined;
}

/** Reads from a repository what depends on keys. */
export async function usesInRepository(
  repository: SealedRepository,
  countsObjects: boolean,
): Promise<Pick<UsePlaces, 'bases' | 'objects'>> {
  const bases: string[] = [];
  for (const system of await listSystems(repository)) {
    const { described } = await readCatalogue(repository, system);
    bases.push(...described);
  }
  return { bases, objects: countsObjects ? await countByKey(repository) : undefined };
}

/** What depends on a key; empty for one whose uses are not counted. */
export function usesOf({ kind, id, state, unusedAt }: DeploymentKey, places: UsePlaces): KeyUses {
  if (kind === 'backup') return places.objects === undefined ? {} : { objects: places.objects.get(id) ?? 0 };
  if (kind !== 'root') return {};
  const keyPairs = places.keyPairs.get(id) ?? 0;
  if (state === 'CURRENT') return { keyPairs };
  // A base backup that began later, and the WAL after it, hold no key pair that this key has wrapped.
  const baseBackups = places.bases.filter((base) => unusedAt === null || momentOf(base) <= unusedAt).length;
  return { keyPairs, baseBackups };
}

/**
 * What keeps a repository from being believed: one that is absent, out of reach or another one looks as if nothing
 * depended on any key. Undefined where it holds what the database knows of.
 * @param noted ids of the base backups that the database knows to be there
 * @param current id of the current backup key
 */
export function repositoryFault(
  { bases, objects }: Pick<UsePlaces, 'bases' | 'objects'>,
  noted: readonly string[],
  current: string,
): string | undefined {
  if (noted.length === 0) return 'No base backup is known: give "npx bulkhead backup now" first.';
  const missing = noted.filter((id) => !bases.includes(id));
  if (missing.length > 0) {
    return (
      `The repository lacks ${missing.length} base backups that were stored, ${missing[0]} among them: it is another ` +
      'one, or was changed. Bring it back, or run "npx bulkhead posture", which says what is lost.'
    );
  }
  if (objects === undefined || (objects.get(current) ?? 0) > 0) return undefined;
  return `Nothing in the repository was sealed with ${current}, the current backup key: wait for the next WAL file.`;
}

/** The id of a base backup is the moment at which it began: `20270101T040000Z`. */
function momentOf(id: string): Date {
  return new Date(id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
