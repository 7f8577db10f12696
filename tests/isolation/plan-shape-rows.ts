import type postgres from 'postgres';
import { arrayLiteral } from '../../db/array-literal.js';

/** How much there is of everything in each organization. */
const sizes = { metrics: 40, types: 20, sites: 100, fleets: 10, things: 1500, integrations: 5 } as const;

/**
 * Fills organizations with many rows, as the superuser and without the API: 1,500 things and 110 places each. Then counts
 * them for the planner.
 * @param admin connection of the superuser to the operational database
 */
export async function fillForPlans(admin: postgres.Sql, orgIds: readonly string[]): Promise<void> {
  const orgs = admin`unnest(${arrayLiteral(orgIds)}::uuid[]) org (id)`;
  const id = (prefix: string, noun: string) => admin`${prefix} || '_' || left(md5(org.id::text || ${noun} || n), 26)`;
  const count = (size: number) => admin`generate_series(1, ${size}::int) n`;
  await admin.begin(async (tx) => {
    // Triggers look up rows as the owner, whom row-level security shows nothing without a context.
    await tx`set local session_replication_role = replica`;
    await tx`insert into app.organizations (org_id, name, created_by) select org.id, 'Org', 'test' from ${orgs}`;
    await tx`insert into app.metric_definitions (org_id, id, name, data_type, default_aggregation, created_by)
             select org.id, ${id('mdef', 'metric')}, 'metric_' || n, 'DOUBLE', 'AVG', 'test'
             from ${orgs}, ${count(sizes.metrics)}`;
    await tx`insert into app.thing_types (org_id, id, display_name, latest_version_id, latest_version_number, created_by)
             select org.id, ${id('tdefi', 'type')}, 'Type ' || n, ${id('tdef', 'version')}, 1, 'test'
             from ${orgs}, ${count(sizes.types)}`;
    await tx`insert into app.thing_type_versions (org_id, id, thing_type_id, version, display_name, created_by)
             select org.id, ${id('tdef', 'version')}, ${id('tdefi', 'type')}, 1, 'Type ' || n, 'test'
             from ${orgs}, ${count(sizes.types)}`;
    await tx`insert into app.thing_type_metrics (org_id, thing_type_id, version_id, metric_id, position)
             select v.org_id, v.thing_type_id, v.id, m.id, m.position
             from app.thing_type_versions v
             cross join lateral (select m.id, row_number() over (order by md5(v.id || m.id)) as position
                                 from app.metric_definitions m where m.org_id = v.org_id limit 5) m`;
    await tx`insert into app.places (org_id, id, place_type, name, latitude, longitude, address, created_by)
             select org.id, uuidv7(), case when n > ${sizes.fleets} then 'Site' else 'Fleet' end, 'Place ' || n, 1, 2,
                    case when n > ${sizes.fleets} then 'address' end, 'test'
             from ${orgs}, ${count(sizes.fleets + sizes.sites)}`;
    await tx`insert into app.things (org_id, id, place_type, place_id, thing_type_id, thing_type_version_id, name, created_by)
             select org.id, uuidv7(), p.place_type, p.id, v.thing_type_id, v.id, 'Thing ' || n, 'test'
             from ${orgs}, ${count(sizes.things)},
               lateral (select * from app.places p where p.org_id = org.id order by md5(p.id::text || n) limit 1) p,
               lateral (select * from app.thing_type_versions v where v.org_id = org.id order by md5(v.id || n) limit 1) v`;
    await tx`insert into app.integrations (org_id, id, name, direction, type, created_by)
             select org.id, uuidv7(), 'Integration ' || n, 'INGRESS', 'WEBHOOK', 'test'
             from ${orgs}, ${count(sizes.integrations)}`;
    await tx`insert into app.thing_integrations (org_id, thing_id, integration_id)
             select i.org_id, t.id, i.id from app.integrations i join app.things t on t.org_id = i.org_id
             where md5(t.id::text || i.id) < '4'`;
  });
  await admin`vacuum (analyze) app.metric_definitions, app.thing_types, app.thing_type_versions, app.thing_type_metrics,
                               app.places, app.things, app.integrations, app.thing_integrations`;
}
