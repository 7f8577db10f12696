import type { TestDeployment } from '../support/test-deployment.js';
import { withAdmin } from './data-digest.js';
import type { Seed } from './seed.js';

/**
 * Adds what only the worker writes: of each monitor a list of things, their states, and open alert events, so that every
 * table and every list has rows.
 */
export async function seedFindings(deployment: TestDeployment, { ids, canary }: Seed): Promise<void> {
  const org = ids.organization;
  await withAdmin(deployment.adminUrl('operational'), async (sql) => {
    await sql`
      insert into app.exports (org_id, id, state, recipient, life_hours, created_by)
      select org_id, gen_random_uuid(), 'CANCELLED', recipient, life_hours, created_by from app.exports where org_id = ${org}`;
    await sql`insert into app.retention_states (org_id) values (${org}) on conflict do nothing`;
    await sql`
      insert into app.monitor_things
      select t.org_id, m.id, t.id from app.monitors m join app.things t on t.org_id = m.org_id where m.org_id = ${org}`;
    await sql`
      insert into app.monitor_states
      select org_id, monitor_id, thing_id, 'HEALTHY', 'OK', '{}', now() from app.monitor_things where org_id = ${org}`;
    await sql`
      insert into app.alert_events
      select m.org_id, gen_random_uuid(), m.monitor_id, ${ids.alert}, ${canary}, t.id, t.place_id, 'power', 'MAX', 'GT',
             1, 2, now()
      from app.monitor_things m join app.things t on t.org_id = m.org_id and t.id = m.thing_id
      where m.org_id = ${org}`;
  });
}
