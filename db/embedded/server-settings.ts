import { startFault } from './start-fault.js';

/**
 * Settings that embedded PostgreSQL starts with unless the operator names others. The names are PostgreSQL's own.
 * Statements, their parameters and the DETAIL of errors (which quotes rows) stay out of its log: they can hold secrets.
 */
export const defaultSettings: Readonly<Record<string, string>> = {
  max_connections: '200',
  // A query over ten years locks the partition of every week it may touch.
  max_locks_per_transaction: '256',
  shared_buffers: '128MB',
  wal_level: 'logical',
  password_encryption: 'scram-sha-256',
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_error_verbosity: 'terse',
  idle_in_transaction_session_timeout: '30s',
};

/** What the embedded server itself relies on: where it listens, where its data is, and that its log is where we read it. */
const reserved = new Set([
  'config_file',
  'data_directory',
  'external_pid_file',
  'hba_file',
  'ident_file',
  'listen_addresses',
  'log_destination',
  'logging_collector',
  'port',
  'unix_socket_directories',
]);

/**
 * The settings as arguments of `postgres` (`-c name=value`, sorted). On the command line they win over ALTER SYSTEM;
 * everybody on the machine can read them there, so a setting must not hold a password.
 * @throws BulkheadError UNAVAILABLE for a name that is none, a reserved one, or a value with a NUL character.
 */
export function settingArguments(settings: Readonly<Record<string, string>>): string[] {
  for (const [name, value] of Object.entries(settings)) {
    if (reserved.has(name.toLowerCase()))
      throw startFault(`PostgreSQL setting ${name}: Bulkhead sets it; take it out.`);
    if (!/^[a-z_][a-z0-9_.]*$/i.test(name) || value.includes('\0')) {
      throw startFault(`PostgreSQL setting ${JSON.stringify(name)} is not of the form name=value.`);
    }
  }
  return Object.entries({ ...defaultSettings, ...settings })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
