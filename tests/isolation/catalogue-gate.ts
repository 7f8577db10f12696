import { type GateName, gateQueries } from '../../posture/catalogue/gate-queries.js';

/** One query of the gate with statements that bring its fault about, to see that it finds it; run and rolled back. */
export interface GateCheck {
  readonly name: string;
  readonly sql: string;
  readonly fixture: string;
}

/** A control that cannot fail is none. */
const fixtures: Readonly<Record<GateName, string>> = {
  forcedRowSecurity:
    'create table app.unguarded (org_id uuid not null primary key); alter table app.unguarded enable row level security',
  policies:
    'create table app.unreachable (org_id uuid not null primary key); alter table app.unreachable enable row level security; alter table app.unreachable force row level security',
  noOpenPolicies: 'create policy open_door on app.places for select using (true)',
  contextOncePerQuery: `create policy slow on app.places for select using (org_id = app.org_id())`,
  organizationOfTables: 'create table app.stray (id uuid primary key)',
  organizationFirstInIndexes: 'create unique index oracle on app.places (name, org_id)',
  organizationFirstInReferences: `create table app.pointing (org_id uuid not null, id uuid, primary key (org_id, id));
              create unique index pointed on app.places (id);
              alter table app.pointing add foreign key (id) references app.places (id)`,
  callersViews: 'create view app.all_places as select * from app.places',
  pinnedFunctions: 'create function app.loose() returns integer language sql security definer return 1',
  noLeakproofFunctions: 'create function app.sealed() returns integer language sql leakproof return 1',
  plainRoles: 'create table app.owned (org_id uuid primary key); alter table app.owned owner to bulkhead_gateway',
  noRightsToShape: 'grant truncate on app.places to bulkhead_gateway',
  closedToPublic: 'grant connect on database template1 to public',
  auditRowsStay: 'grant delete on audit.entries to bulkhead_gateway',
  usableIndexes: 'create index unusable on app.places (org_id, attributes)',
  closedPlatform: 'grant select on platform.context_keys to bulkhead_gateway',
  neededPolicies:
    'create policy idle on app.level_group_members for update to bulkhead_gateway using (org_id = (select app.org_id()))',
  closedQueue: 'grant select on graphile_worker._private_jobs to bulkhead_gateway',
};

/** All queries of the gate. */
export const gateChecks: readonly GateCheck[] = Object.entries(gateQueries).map(([name, { title, sql }]) => ({
  name: title,
  sql,
  fixture: fixtures[name as GateName],
}));
