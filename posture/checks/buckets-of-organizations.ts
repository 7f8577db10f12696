import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import type { Check } from '../check.js';

const faults = `
  select 'platform.' || x.name || ' is not keyed by organization' as fault
  from (values ('rate_buckets', '{org_id}'), ('rate_limits', '{org_id,tier}')) x (name, key)
  where not exists (
    select from pg_constraint k where k.conrelid = to_regclass('platform.' || x.name) and k.contype = 'p'
      and (select array_agg(a.attname::text order by o.rank) from unnest(k.conkey) with ordinality o (number, rank)
           join pg_attribute a on a.attrelid = k.conrelid and a.attnum = o.number)::text = x.key)`;

/** Rates are limited by organization, whatever the number of its keys. */
export const bucketsOfOrganizations: Check = {
  id: 'buckets-of-organizations',
  title: 'Rates are limited by organization, whatever the number of its keys',
  look: (context) => catalogueFinding(context, ['operational'], faults, 'one bucket a tier and organization'),
};
