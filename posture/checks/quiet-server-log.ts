import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import type { Check } from '../check.js';

const faults = `
  select name || ' is ' || setting as fault from pg_settings
  where (name = 'log_statement' and setting <> 'none')
     or (name = 'log_min_duration_statement' and setting <> '-1')
     or (name = 'log_min_error_statement' and setting not in ('panic', 'fatal'))
     or (name in ('log_parameter_max_length', 'log_parameter_max_length_on_error') and setting <> '0')
     or (name = 'log_error_verbosity' and setting <> 'terse')`;

/** The log of PostgreSQL holds no statements, parameters or rows. */
export const quietServerLog: Check = {
  id: 'quiet-server-log',
  title: 'The log of PostgreSQL holds no statements, parameters or rows',
  canWait: true,
  look: (context) => catalogueFinding(context, ['operational'], faults, 'as the server runs, it logs none of them'),
};
