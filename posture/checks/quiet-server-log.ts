import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import type { Check } from '../check.js';

const faults = `
  with settings (name, setting, whose) as (
    select name, setting, '' from pg_settings
    union all
    select split_part(c, '=', 1), substr(c, strpos(c, '=') + 1),
           ' for ' || coalesce(r.rolname, 'everybody') || coalesce(' in ' || d.datname, '')
    from pg_db_role_setting s cross join unnest(s.setconfig) c
    left join pg_roles r on r.oid = s.setrole left join pg_database d on d.oid = s.setdatabase)
  select name || ' is ' || setting || whose as fault from settings
  where (name = 'log_statement' and setting <> 'none')
     or (name in ('log_min_duration_statement', 'log_min_duration_sample') and setting <> '-1')
     or (name = 'log_transaction_sample_rate' and setting <> '0')
     or (name = 'log_min_error_statement' and setting not in ('panic', 'fatal'))
     or (name in ('log_parameter_max_length', 'log_parameter_max_length_on_error') and setting <> '0')
     or (name = 'log_error_verbosity' and setting <> 'terse')`;

/** The log of PostgreSQL holds no statements, parameters or rows. */
export const quietServerLog: Check = {
  id: 'quiet-server-log',
  title: 'The log of PostgreSQL holds no statements, parameters or rows',
  canWait: true,
  look: (context) =>
    catalogueFinding(
      context,
      ['operational'],
      faults,
      'as the server runs it logs none of them, for no role and in no database',
    ),
};
