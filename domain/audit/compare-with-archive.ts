import { randomUUID } from 'node:crypto';
import { ArchiveFault } from '../../audit/archive/archive-fault.js';
import type { VerifiedArchive } from '../../audit/archive/verify-archive.js';
import { type AuditVerifier, isSignatureOfStatement } from '../../audit/audit-key.js';
import { entryLeaf, readLeaf, type StoredEntry } from '../../audit/log/leaf.js';
import { leafHash } from '../../audit/tree/tree-hash.js';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { getDeletion } from '../organization/deletions.js';
import { listOperatedOrganizations } from '../organization/operated-organization.js';

/** Part of the system that compares. */
const part = 'audit verify';
/** Rows that are read at a time: each may have 32 KiB. */
const pageSize = 500;

/** A sealed leaf beside the row that it was made of; all of the row is null where it is gone. */
type SealedRow = { readonly [Field in keyof StoredEntry]: StoredEntry[Field] | null } & {
  readonly leafIndex: string;
  readonly leaf: string;
  readonly signature: Buffer;
};

/**
 * Compares the entries in the database, whoever changed them there, with what was sealed: with the leaves of the archive,
 * and those that are newer with their own signatures. Of an organization that was deleted only the leaves are left.
 * @param archive verified, with the hashes of its leaves
 * @returns the number of entries compared
 * @throws ArchiveFault for the first entry that differs
 */
export async function compareWithArchive(
  database: Database,
  key: AuditVerifier,
  archive: VerifiedArchive,
): Promise<number> {
  const ids = new Set([deploymentOrgId, ...archive.state.organizations.keys(), ...(await organizationIds(database))]);
  let compared = 0;
  for (const id of [...ids].sort()) compared += await compareOrganization(database, key, archive, id);
  return compared;
}

async function compareOrganization(
  database: Database,
  key: AuditVerifier,
  archive: VerifiedArchive,
  orgId: string,
): Promise<number> {
  const sealed = archive.state.organizations.get(orgId)?.hashes ?? [];
  const isDeleted = (await asSystem(database, deploymentOrgId, (tx) => getDeletion(tx, orgId))) !== null;
  let index = 0;
  for (;;) {
    const rows = await sealedRows(database, orgId, index);
    for (const row of rows) {
      const reason = faultOf(row, { orgId, index, archived: sealed[index], key, isDeleted });
      if (reason !== undefined) throw faultAt(archive, reason, orgId, index);
      index += 1;
    }
    if (rows.length < pageSize) break;
  }
  if (index < sealed.length) throw faultAt(archive, 'missing in the database: deleted from the tail', orgId, index);
  const [stray] = await strayEntries(database, orgId);
  if (stray !== undefined) {
    throw faultAt(
      archive,
      `the database has an entry that was never sealed (id ${stray}): inserted by hand`,
      orgId,
      index,
    );
  }
  return index;
}

/** Where a leaf is, and what is known of it. */
interface SealedPlace {
  readonly orgId: string;
  readonly index: number;
  readonly archived: Buffer | undefined;
  readonly key: AuditVerifier;
  readonly isDeleted: boolean;
}

function faultOf(row: SealedRow, { orgId, index, archived, key, isDeleted }: SealedPlace): string | undefined {
  if (Number(row.leafIndex) !== index) return 'missing in the database: its leaf was deleted';
  if (archived !== undefined && !leafHash(row.leaf).equals(archived))
    return 'its leaf in the database is not the archived one';
  if (!isSignatureOfStatement(key, 'audit-leaf', row.leaf, row.signature))
    return 'its leaf in the database is not what was signed';
  const { id } = row;
  if (id === null && isDeleted) return undefined;
  if (id === null) return 'missing in the database: deleted after it was sealed';
  // All columns but two are not null, so the row is whole where its id is there.
  const now = entryLeaf(orgId, index, { ...(row as StoredEntry), id });
  return now === row.leaf ? undefined : `edited in the database after it was sealed: ${differences(row.leaf, now)}`;
}

/** Names of the fields in which two leaves differ. */
function differences(sealed: string, now: string): string {
  const before: object = readLeaf(sealed) ?? {};
  const after = new Map(Object.entries(readLeaf(now) ?? {}));
  return Object.entries(before)
    .filter(([field, value]) => after.get(field) !== value)
    .map(([field]) => (field === 'details' ? 'change or clientAddress' : field))
    .join(', ');
}

function faultAt(archive: VerifiedArchive, reason: string, organization: string, index: number): ArchiveFault {
  return new ArchiveFault(reason, {
    generation: archive.generation,
    segment: archive.state.number,
    organization,
    index,
  });
}

function sealedRows(database: Database, orgId: string, from: number): Promise<SealedRow[]> {
  return asSystem(
    database,
    orgId,
    (tx) => tx.sql<SealedRow[]>`
    select leaf_index as "leafIndex", leaf, signature, id, at, actor_type as "actorType", actor_id as "actorId", action,
           resource, outcome, code, client_address as "clientAddress", request_id as "requestId", change, salt
    from audit.sealed_entries(${from}, ${pageSize})`,
  );
}

async function strayEntries(database: Database, orgId: string): Promise<string[]> {
  const rows = await asSystem(database, orgId, (tx) => tx.sql<{ id: string }[]>`select id from audit.stray_entries(1)`);
  return rows.map(({ id }) => id);
}

async function organizationIds(database: Database): Promise<string[]> {
  const ids: string[] = [];
  for (let isMore = true; isMore; ) {
    const after = ids.at(-1);
    const page = await asSystem(database, deploymentOrgId, (tx) =>
      listOperatedOrganizations(tx, after === undefined ? { first: 100 } : { first: 100, after }),
    );
    ids.push(...page.map(({ id }) => id));
    isMore = page.length === 100;
  }
  return ids;
}

function asSystem<T>(database: Database, orgId: string, work: Parameters<typeof withOrg<T>>[3]): Promise<T> {
  return withOrg(database, systemIdentity(orgId, part, randomUUID()), 'read', work);
}
