import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backupBreakages } from './backup-breakages.js';
import { type Breakage, bySql } from './breakage.js';

const noTelemetryDatabase = 't_0000000000000000';

/** Lets key pairs name another root key; done again, the one that has wrapped them. */
const otherRootKey =
  'update vault.organization_keys set wrapped_private_key = set_byte(wrapped_private_key, 0, get_byte(wrapped_private_key, 0) # 1)';

/** Checks that look at PostgreSQL, each with statements of a superuser that break what it looks at. */
export const databaseBreakages: readonly Breakage[] = [
  bySql(
    'forced-row-security',
    'operational',
    ['create policy open_door on app.places for select using (true)', 'drop policy open_door on app.places'],
    /app\.places\.open_door/,
  ),
  bySql(
    'organization-in-keys',
    'operational',
    ['create unique index oracle on app.places (name, org_id)', 'drop index app.oracle'],
    /oracle/,
  ),
  bySql(
    'no-rows-without-context',
    'operational',
    ['alter table app.things disable row level security', 'alter table app.things enable row level security'],
    /app\.things shows rows/,
  ),
  bySql(
    'no-rows-of-others',
    'operational',
    [
      'create policy open_door on app.things for select to bulkhead_worker using (true)',
      'drop policy open_door on app.things',
    ],
    /app\.things shows rows of others/,
  ),
  {
    check: 'forged-contexts-refused',
    says: /signed with another key/,
    breakIt: async ({ admin: { operational } }) => {
      const [row] = await operational<{ text: string }[]>`
        select pg_get_functiondef('app.verified()'::regprocedure) as text`;
      await operational.unsafe(
        `create or replace function app.verified() returns text language sql stable security definer
         set search_path = pg_catalog, pg_temp as $$ select substr(current_setting('app.context', true), 65) $$`,
      );
      return { repair: () => operational.unsafe(row!.text) };
    },
  },
  bySql(
    'keys-managed',
    'vault',
    [otherRootKey, otherRootKey],
    /1 key pairs were wrapped by [0-9a-f]{16}, which is no root key/,
  ),
  {
    check: 'telemetry-databases',
    says: /t_0000000000000000 is missing/,
    breakIt: async ({ admin: { operational } }) => {
      const [row] = await operational<
        { name: string }[]
      >`select database_name as name from platform.telemetry_databases`;
      await operational`update platform.telemetry_databases set database_name = ${noTelemetryDatabase}`;
      return { repair: () => operational`update platform.telemetry_databases set database_name = ${row!.name}` };
    },
  },
  {
    check: 'telemetry-apart',
    says: /bulkhead_gateway may connect to t_/,
    breakIt: async ({ admin: { operational } }) => {
      const [row] = await operational<
        { name: string }[]
      >`select datname as name from pg_database where datname ~ '^t_'`;
      await operational`grant connect on database ${operational(row!.name)} to bulkhead_gateway`;
      return { repair: () => operational`revoke connect on database ${operational(row!.name)} from bulkhead_gateway` };
    },
  },
  bySql(
    'schema-as-shipped',
    'operational',
    [
      'grant select on app.level_groups to bulkhead_provisioner',
      'revoke select on app.level_groups from bulkhead_provisioner',
    ],
    /not as in db\/schema\.sql: create table app\.level_groups/,
  ),
  bySql(
    'plain-roles',
    'operational',
    ['grant truncate on app.places to bulkhead_gateway', 'revoke truncate on app.places from bulkhead_gateway'],
    /app\.places TRUNCATE bulkhead_gateway/,
  ),
  bySql(
    'known-roles',
    'operational',
    ['create role stranger login superuser', 'drop role stranger'],
    /stranger is a superuser/,
  ),
  bySql(
    'known-roles',
    'operational',
    ['create role stranger login in role bulkhead_owner', 'drop role stranger'],
    /stranger can become bulkhead_owner/,
  ),
  bySql(
    'known-roles',
    'operational',
    [
      'create role readers; create role stranger login in role readers; grant connect on database bulkhead to readers',
      'revoke connect on database bulkhead from readers; drop role stranger; drop role readers',
    ],
    /stranger may connect to bulkhead/,
  ),
  bySql(
    'known-roles',
    'operational',
    ['grant pg_read_server_files to bulkhead_backup', 'revoke pg_read_server_files from bulkhead_backup'],
    /bulkhead_backup is a member of pg_read_server_files/,
  ),
  bySql(
    'known-roles',
    'operational',
    ['alter role bulkhead_owner bypassrls', 'alter role bulkhead_owner nobypassrls'],
    /bulkhead_owner has a special right/,
  ),
  bySql(
    'shipped-settings',
    'operational',
    ['alter role all set search_path = public', 'alter role all reset search_path'],
    /everybody has search_path, which is not of this version/,
  ),
  bySql(
    'shipped-settings',
    'operational',
    [
      `alter role bulkhead_gateway set statement_timeout = '500s'`,
      `alter role bulkhead_gateway set statement_timeout = '5s'`,
    ],
    /bulkhead_gateway has statement_timeout/,
  ),
  bySql(
    'shipped-settings',
    'operational',
    [
      'grant set on parameter session_replication_role to bulkhead_worker',
      'revoke set on parameter session_replication_role from bulkhead_worker',
    ],
    /bulkhead_worker may set session_replication_role/,
  ),
  bySql(
    'pinned-functions',
    'vault',
    [
      'create function vault.loose() returns integer language sql security definer return 1',
      'drop function vault.loose()',
    ],
    /vault\.loose/,
  ),
  bySql(
    'triggers-enabled',
    'operational',
    ['alter table app.api_keys disable trigger keep_revoked', 'alter table app.api_keys enable trigger keep_revoked'],
    /keep_revoked is disabled/,
  ),
  bySql(
    'triggers-enabled',
    'operational',
    [
      `alter role bulkhead_gateway set session_replication_role = 'replica'`,
      'alter role bulkhead_gateway reset session_replication_role',
    ],
    /triggers do not run for bulkhead_gateway/,
  ),
  bySql(
    'triggers-enabled',
    'operational',
    [
      `alter database bulkhead set session_replication_role = 'replica'`,
      'alter database bulkhead reset session_replication_role',
    ],
    /triggers do not run for everybody in bulkhead/,
  ),
  bySql(
    'closed-to-public',
    'operational',
    ['grant connect on database postgres to public', 'revoke connect on database postgres from public'],
    /postgres/,
  ),
  bySql(
    'databases-owned',
    'operational',
    ['alter role bulkhead_owner login', 'alter role bulkhead_owner nologin'],
    /bulkhead_owner can log in/,
  ),
  bySql(
    'key-secrets-hidden',
    'operational',
    [
      'grant select (secret_hash) on app.api_key_secrets to bulkhead_worker',
      'revoke select (secret_hash) on app.api_key_secrets from bulkhead_worker',
    ],
    /bulkhead_worker can read secret_hash/,
  ),
  bySql(
    'buckets-of-organizations',
    'operational',
    [
      'alter table platform.rate_limits drop constraint rate_limits_pkey',
      'alter table platform.rate_limits add primary key (org_id, tier)',
    ],
    /platform\.rate_limits is not keyed/,
  ),
  bySql(
    'bounded-statements',
    'operational',
    ['alter role bulkhead_gateway reset lock_timeout', `alter role bulkhead_gateway set lock_timeout = '3s'`],
    /bulkhead_gateway has no lock_timeout/,
  ),
  bySql(
    'bounded-statements',
    'operational',
    [
      'alter role bulkhead_gateway in database bulkhead set statement_timeout = 0',
      'alter role bulkhead_gateway in database bulkhead reset statement_timeout',
    ],
    /bulkhead_gateway in bulkhead has statement_timeout=0/,
  ),
  bySql(
    'vault-closed',
    'vault',
    [
      'grant connect on database bulkhead_vault to bulkhead_gateway',
      'revoke connect on database bulkhead_vault from bulkhead_gateway',
    ],
    /bulkhead_gateway may connect/,
  ),
  bySql(
    'definitions-stay',
    'operational',
    ['grant delete on app.templates to bulkhead_gateway', 'revoke delete on app.templates from bulkhead_gateway'],
    /may delete from app\.templates/,
  ),
  bySql(
    'audit-rows-stay',
    'operational',
    ['grant delete on audit.entries to bulkhead_worker', 'revoke delete on audit.entries from bulkhead_worker'],
    /audit\.entries DELETE bulkhead_worker/,
  ),
  bySql(
    'whole-audit-entries',
    'operational',
    [
      'alter table audit.entries alter column actor_id drop not null',
      'alter table audit.entries alter column actor_id set not null',
    ],
    /audit\.entries\.actor_id may be missing/,
  ),
  {
    check: 'audit-rows-sealed',
    says: /edited in the database after it was sealed/,
    breakIt: async ({ admin: { operational } }) => {
      const [row] = await operational<{ id: string; action: string }[]>`
        select e.id, e.action from audit.entries e join audit.leaves l on l.entry_id = e.id limit 1`;
      await operational`update audit.entries set action = 'nothing' where id = ${row!.id}`;
      return { repair: () => operational`update audit.entries set action = ${row!.action} where id = ${row!.id}` };
    },
  },
  bySql(
    'quiet-server-log',
    'operational',
    [`alter role bulkhead_gateway set log_statement = 'all'`, 'alter role bulkhead_gateway reset log_statement'],
    /log_statement is all for bulkhead_gateway/,
  ),
  bySql(
    'private-peers',
    'operational',
    ['revoke pg_read_all_stats from bulkhead_posture', 'grant pg_read_all_stats to bulkhead_posture with inherit true'],
    /nobody sees addresses of sessions/,
  ),
  { check: 'encrypted-sessions', without: ['FAIL'], says: /sessions without TLS, \d+ of them on this machine/ },
  { check: 'replica-follows', without: ['NOT_PROVIDED'], says: /no other server follows/ },
  {
    check: 'write-ahead-log-archived',
    says: /the last attempt to archive a file has failed/,
    breakIt: async ({ admin: { operational } }) => {
      const [row] = await operational<{ spool: string }[]>`
        select current_setting('basic_archive.archive_directory') as spool`;
      const permit = async (mode: number) => {
        chmodSync(row!.spool, mode);
        // Something to archive, at once; after a failure PostgreSQL tries again when there is more.
        await operational`select pg_logical_emit_message(false, 'test', 'posture'), pg_switch_wal()`;
      };
      await permit(0o000);
      return { repair: () => permit(0o700) };
    },
  },
  ...backupBreakages,
  {
    check: 'alerts-watched',
    without: ['NOT_PROVIDED'],
    says: /1 changes of alerts were not taken/,
    provide: ({ context: { configuration } }) => ({
      context: { configuration: { ...configuration, hasAlertReceiver: true } },
      repair: () => {},
    }),
    breakIt: (_world, { configuration }) => {
      const home = mkdtempSync(join(tmpdir(), 'bulkhead-alerts-'));
      const since = '2026-11-22T00:00:00Z';
      const alerts = [
        { isFiring: true, since, resolvedAt: null, told: null },
        { isFiring: true, since, resolvedAt: null, told: { since } },
        { isFiring: false, since, resolvedAt: since, told: null },
      ];
      writeFileSync(join(home, 'alerts.json'), JSON.stringify({ alerts }));
      return {
        context: { configuration: { ...configuration, home } },
        repair: () => rmSync(home, { recursive: true }),
      };
    },
  },
  {
    check: 'postgresql-supported',
    says: /gets no repairs since/,
    breakIt: () => ({ context: { now: new Date('2040-01-01') }, repair: () => {} }),
  },
  {
    check: 'password-required',
    says: /was let in with a wrong password/,
    breakIt: async ({ admin: { operational } }) => {
      const [row] = await operational<{ file: string }[]>`select current_setting('hba_file') as file`;
      const rules = readFileSync(row!.file);
      const put = async (content: string | Buffer) => {
        writeFileSync(row!.file, content);
        await operational`select pg_reload_conf()`;
      };
      await put(`host all all 127.0.0.1/32 trust\n${rules}`);
      return { repair: () => put(rules) };
    },
  },
  bySql(
    'jobs-on-time',
    'operational',
    [
      `update platform.job_tasks set next_run_at = now() - interval '1 hour' where name = 'purgeDefinitions'`,
      `update platform.job_tasks set next_run_at = now() + interval '1 hour' where name = 'purgeDefinitions'`,
    ],
    /purgeDefinitions is late/,
  ),
  bySql(
    'retention-goes-on',
    'operational',
    [
      `insert into app.retention_states (org_id, refusal, refused_at) select org_id, 'TOO_MANY', now() from app.organizations
       on conflict (org_id) do update set refusal = excluded.refusal, refused_at = excluded.refused_at`,
      'update app.retention_states set refusal = null, refused_at = null',
    ],
    /1 organizations wait for a confirmation \(TOO_MANY\)/,
  ),
  bySql(
    'deletions-finish',
    'operational',
    [
      `insert into platform.deletions (org_id, requested_by_type, requested_by_id, database_name)
       values ('00000000-0000-0000-0000-0000000000ff', 'SYSTEM', 'test', 't_0000000000000000')`,
      'delete from platform.deletions',
    ],
    /1 deletions that no job is at/,
  ),
];
