import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import type { Check } from '../check.js';

const faults = `
  select 'bulkhead_gateway may delete from ' || c.oid::regclass as fault from pg_class c
  where c.oid in ('app.metric_definitions'::regclass, 'app.thing_types'::regclass, 'app.thing_type_versions'::regclass,
                  'app.templates'::regclass)
    and has_table_privilege('bulkhead_gateway', c.oid, 'DELETE')
  union all select c::text || ' has no deleted_at' from unnest(
    array['app.metric_definitions', 'app.thing_types', 'app.templates']::regclass[]) c
  where not exists (select from pg_attribute a where a.attrelid = c and a.attname = 'deleted_at' and not a.attisdropped)`;

/** What is deleted softly cannot be removed by the gateway. */
export const definitionsStay: Check = {
  id: 'definitions-stay',
  title: 'What is deleted softly cannot be removed by the gateway',
  look: (context) =>
    catalogueFinding(context, ['operational'], faults, 'the gateway has no right to delete definitions or templates'),
};
