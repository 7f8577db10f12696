import { requireDatabaseName } from './database-name.js';
import { withProvisioner } from './with-provisioner.js';

/** What `dropDatabase` is to remove. */
export interface DropRequest {
  /** Address of the cluster as the provisioner that made the database. */
  readonly provisionerUrl: string;
  readonly database: string;
  readonly role: string;
}

/**
 * Removes the telemetry database of an organization and its role, sessions included, for good. What is already gone is
 * no error, so that an interrupted call is simply made again.
 * @throws Error for names that are not ours
 */
export async function dropDatabase(request: DropRequest): Promise<void> {
  const { provisionerUrl, database, role } = request;
  requireDatabaseName(database);
  requireDatabaseName(role);
  await withProvisioner(provisionerUrl, database, async (admin) => {
    const [present] = await admin`select from pg_roles where rolname = ${role}`;
    if (present !== undefined) {
      await admin`alter role ${admin(role)} nologin`;
      // Only who has the privileges of a role may end its sessions; the maker of a role may grant itself those.
      await admin`grant ${admin(role)} to current_user with inherit true, set false`;
    }
    await admin`drop database if exists ${admin(database)} with (force)`;
    await admin`drop role if exists ${admin(role)}`;
  });
}
