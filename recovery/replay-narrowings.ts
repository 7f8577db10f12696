import type { PlacedEntry } from '../audit/ledger/ledger.js';
import { arrayLiteral } from '../db/array-literal.js';
import type { OrgTransaction } from '../db/with-org.js';

/** What a replay has done about keys and limits that were narrowed after the moment that was restored. */
export interface NarrowingReport {
  /** Keys that could do more at that moment than later, and are revoked: `<organization>/<key>`. */
  readonly narrowedKeysRevoked: readonly string[];
  /** Keys that were given an earlier expiry later, and have it again. */
  readonly keyExpiriesSet: number;
  /** Rate limits that were lowered later, and are again. */
  readonly rateLimitsLowered: number;
}

/**
 * Has no key and no limit of a restored database be wider than the ledger says. Each entry names the revision that a row
 * has had since: it concerns rows of an earlier one, which get a revision beyond all that the ledger knows, so that a
 * later replay does not take them for older ones again.
 * @param by who revokes, as in the audit log
 */
export async function replayNarrowings(
  tx: OrgTransaction,
  entries: readonly PlacedEntry[],
  by: string,
): Promise<NarrowingReport> {
  return {
    narrowedKeysRevoked: await revokeNarrowed(tx, entries, by),
    keyExpiriesSet: await setExpiries(tx, entries),
    rateLimitsLowered: await lowerLimits(tx, entries),
  };
}

async function revokeNarrowed(tx: OrgTransaction, entries: readonly PlacedEntry[], by: string): Promise<string[]> {
  const { organizations, parts } = selected(entries, 'API_KEY_NARROWED');
  const rows = await tx.sql<{ key: string }[]>`
    update app.api_keys k set revoked_at = clock_timestamp(), revoked_by = ${by}
    from unnest(${organizations}::uuid[], ${parts(0)}::text[], ${parts(1)}::bigint[]) e (org, id, revision)
    where k.org_id = e.org and k.id = e.id and k.revision < e.revision and k.revoked_at is null
    returning k.org_id || '/' || k.id as key`;
  return rows.map(({ key }) => key);
}

async function setExpiries(tx: OrgTransaction, entries: readonly PlacedEntry[]): Promise<number> {
  const { organizations, parts, moments } = selected(entries, 'API_KEY_EXPIRY_SET');
  const rows = await tx.sql`
    update app.api_keys k set expires_at = least(k.expires_at, e.at), revision = e.revision
    from (select x.org, x.id, max(x.revision) as revision, min(x.at) as at
          from unnest(${organizations}::uuid[], ${parts(0)}::text[], ${parts(1)}::bigint[], ${moments}::timestamptz[])
            x (org, id, revision, at)
          join app.api_keys r on r.org_id = x.org and r.id = x.id and r.revision < x.revision group by 1, 2) e
    where k.org_id = e.org and k.id = e.id returning k.id`;
  return rows.length;
}

async function lowerLimits(tx: OrgTransaction, entries: readonly PlacedEntry[]): Promise<number> {
  const { organizations, parts } = selected(entries, 'RATE_LIMIT_SET');
  // Written also where nothing is lowered: what an operator sets after the replay is newer than all that the ledger knows.
  const [row] = await tx.sql<{ lowered: number }[]>`
    with newest as (
      select distinct on (x.org, x.tier) x.*
      from unnest(${organizations}::uuid[], ${parts(0)}::text[], ${parts(1)}::bigint[], ${parts(2)}::integer[],
                  ${parts(3)}::integer[]) x (org, tier, revision, per_minute, burst)
      left join platform.rate_limits r on r.org_id = x.org and r.tier = x.tier
      where x.revision > coalesce(r.revision, 0) order by x.org, x.tier, x.revision desc
    ), due as materialized (
      select e.org, e.tier, least(e.per_minute, d.per_minute) as per_minute, least(e.burst, d.burst) as burst, e.revision,
             e.per_minute < d.per_minute or e.burst < d.burst as is_lowered
      from newest e join platform.organizations o on o.org_id = e.org
      join lateral platform.rate_limits_of(e.org) d on d.tier = e.tier
    ), written as (
      insert into platform.rate_limits as l (org_id, tier, per_minute, burst, revision)
      select org, tier, per_minute, burst, revision from due
      on conflict (org_id, tier) do update
        set per_minute = excluded.per_minute, burst = excluded.burst, revision = excluded.revision
    )
    select count(*) filter (where is_lowered)::integer as lowered from due`;
  return row?.lowered ?? 0;
}

/** Entries of a kind, and the parts of their subjects, as arrays for PostgreSQL. */
function selected(entries: readonly PlacedEntry[], event: PlacedEntry['event']) {
  const chosen = entries.filter((entry) => entry.event === event);
  const subjects = chosen.map(({ subject }) => subject?.split('/') ?? []);
  return {
    organizations: arrayLiteral(chosen.map(({ organization }) => organization)),
    parts: (index: number) => arrayLiteral(subjects.map((parts) => parts[index] ?? null)),
    moments: arrayLiteral(chosen.map(({ at }) => at)),
  };
}
