import type postgres from 'postgres';
import { asAdmin } from './admin.js';
import type { Deployment } from './deployment.js';
import type { SeededOrganization } from './manifest.js';
import { firstWideThing, seedSizes, wideOrganization, wideSite, wideType } from './seed-plan.js';

/** Retention of every organization, in days: the longest, so that the year of the seed never ages out. */
const retentionDays = 3650;

/** How many rows each organization gets. */
export interface OrganizationSizes {
  readonly sitesPerOrganization: number;
  readonly thingsPerOrganization: number;
}

/** Rows of all organizations in the operational database, made by the server itself: 20,000 sites and 200,000 things. */
export async function loadOperational(
  deployment: Deployment,
  organizations: readonly SeededOrganization[],
  sizes: OrganizationSizes = seedSizes,
): Promise<void> {
  await asAdmin(deployment, 'bulkhead', async (sql) => {
    await sql.begin(async (tx) => {
      // Triggers ask for a signed context, which a superuser's load has not.
      await tx`set local session_replication_role = replica`;
      await tx`create temporary table seed_organizations (number int primary key, org_id uuid not null)`;
      const rows = organizations.map(({ orgId }, number) => ({ number, org_id: orgId }));
      await tx`insert into seed_organizations ${tx(rows, 'number', 'org_id')}`;
      await tx`update app.organizations set retention_days = ${retentionDays}
               where org_id in (select org_id from seed_organizations)`;
      await loadDefinitions(tx);
      await loadPlaces(tx, sizes);
    });
    await sql`vacuum (analyze)`;
  });
}

async function loadDefinitions(tx: postgres.TransactionSql): Promise<void> {
  await tx`
    create temporary table seed_types on commit drop as
    select o.org_id, o.number, t.type, format('tdefi_%s%s%s', repeat('0', 16), lpad(o.number::text, 5, '0'), lpad(t.type::text, 5, '0')) as type_id,
           format('tdef_%s%s%s', repeat('0', 16), lpad(o.number::text, 5, '0'), lpad(t.type::text, 5, '0')) as version_id,
           case when t.type = ${wideType} then ${seedSizes.wideMetrics}::int else ${seedSizes.metricsPerType}::int end as metrics
    from seed_organizations o cross join generate_series(0, ${wideType}) as t (type)`;
  await tx`
    create temporary table seed_metrics on commit drop as
    select t.*, m.position, format('mdef_%s%s%s', repeat('0', 16), lpad(t.number::text, 5, '0'), lpad((t.type * 100 + m.position)::text, 5, '0')) as metric_id
    from seed_types t cross join lateral generate_series(0, t.metrics - 1) as m (position)`;
  await tx`
    insert into app.metric_definitions (org_id, id, name, data_type, default_aggregation, display_name, unit_label, created_by)
    select org_id, metric_id, format('metric_%s_%s', type, position), 'DOUBLE', 'AVG', format('Metric %s of type %s', position, type), '°C', 'seed'
    from seed_metrics`;
  await tx`
    insert into app.thing_types (org_id, id, display_name, latest_version_id, latest_version_number, created_by)
    select org_id, type_id, format('Type %s', type), version_id, 1, 'seed' from seed_types`;
  await tx`
    insert into app.thing_type_versions (org_id, id, thing_type_id, version, display_name, created_by)
    select org_id, version_id, type_id, 1, format('Type %s', type), 'seed' from seed_types`;
  await tx`
    insert into app.thing_type_metrics (org_id, thing_type_id, version_id, metric_id, position)
    select org_id, type_id, version_id, metric_id, position from seed_metrics`;
}

async function loadPlaces(tx: postgres.TransactionSql, sizes: OrganizationSizes): Promise<void> {
  const { sitesPerOrganization: sites, thingsPerOrganization: things } = sizes;
  const { typesPerOrganization: types } = seedSizes;
  await tx`
    insert into app.places (org_id, id, place_type, name, latitude, longitude, address, created_by)
    select o.org_id, format('01900000-%s-7001-8000-%s', lpad(to_hex(o.number), 4, '0'), lpad(to_hex(s.site), 12, '0'))::uuid,
           'Site', format('Site %s', s.site), (s.site % 180) - 90 + 0.5, (s.site % 360) - 180 + 0.25, format('%s Main Street', s.site), 'seed'
    from seed_organizations o cross join generate_series(0, ${sites}) as s (site)
    where s.site < ${sites}::int or o.number = ${wideOrganization}::int`;
  await tx`
    insert into app.things (org_id, id, place_type, place_id, thing_type_id, thing_type_version_id, name, model, properties, created_by)
    select t.org_id, format('01900000-%s-7000-8000-%s', lpad(to_hex(t.number), 4, '0'), lpad(to_hex(t.thing), 12, '0'))::uuid, 'Site',
           format('01900000-%s-7001-8000-%s', lpad(to_hex(t.number), 4, '0'), lpad(to_hex(t.site), 12, '0'))::uuid,
           y.type_id, y.version_id, format('Thing %s', t.thing), format('Model %s', t.thing % 7), '{}', 'seed'
    from (
      select o.org_id, o.number, n.thing,
             case when w.is_wide then ${wideSite}::int else ((n.thing * 2654435761) % 4294967296) % ${sites}::int end as site,
             case when w.is_wide then ${wideType}::int else n.thing % ${types}::int end as type
      from seed_organizations o cross join generate_series(0::bigint, ${things - 1}::bigint) as n (thing)
      cross join lateral (select o.number = ${wideOrganization}::int and n.thing >= ${firstWideThing}::int as is_wide) w
    ) t join seed_types y on y.org_id = t.org_id and y.type = t.type
    order by t.number, t.thing`;
}
