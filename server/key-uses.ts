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
  /** Moments at which the base backups in the repository began. */
  readonly bases: readonly Date[];
  /** Objects by key; undefined where they were not counted. */
  readonly objects: ReadonlyMap<string, number> | undefined;
}

/** Reads from a repository what depends on keys. */
export async function usesInRepository(
  repository: SealedRepository,
  countsObjects: boolean,
): Promise<Pick<UsePlaces, 'bases' | 'objects'>> {
  const bases: Date[] = [];
  for (const system of await listSystems(repository)) {
    const { described } = await readCatalogue(repository, system);
    bases.push(...described.map(momentOf));
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
  const baseBackups = places.bases.filter((at) => unusedAt === null || at <= unusedAt).length;
  return { keyPairs, baseBackups };
}

/** The id of a base backup is the moment at which it began: `20270101T040000Z`. */
function momentOf(id: string): Date {
  return new Date(id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
