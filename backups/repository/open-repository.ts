import type { BucketAddress } from '../../bucket/bucket.js';
import { HeldKeys, type KeyVersions } from '../../vault/held-keys.js';
import { BucketRepository } from './bucket-repository.js';
import { DirectoryRepository } from './directory-repository.js';
import { SealedRepository } from './sealed-repository.js';

/** Where backups are kept, and the keys that seal them. */
export interface RepositoryConfiguration {
  /** Absolute path of the directory. */
  readonly directory: string;
  /** Bucket that is used instead of the directory. */
  readonly bucket?: BucketAddress;
  /** Backup keys: the current one seals, the others still open. */
  readonly backupKeys: KeyVersions;
  /** Id of the deployment whose backups these are. */
  readonly deployment: string;
}

/** The repository of a deployment; nothing is read or made yet. */
export function openRepository(configuration: RepositoryConfiguration): SealedRepository {
  const { bucket, directory, backupKeys, deployment } = configuration;
  const repository = bucket === undefined ? new DirectoryRepository(directory) : new BucketRepository(bucket);
  return new SealedRepository(repository, new HeldKeys(backupKeys), deployment);
}
