import { connect } from './connect.js';

/** The catalogue and the statistics of a database, for a role that can read nothing else. */
export interface Catalogue {
  /** Runs one statement that reads. */
  ask<Row extends object>(statement: string): Promise<readonly Row[]>;
  /** Closes the connection; statements under way get up to 1 s. */
  close(): Promise<void>;
}

/** Opens a catalogue by one connection, which is made when it is needed and cannot write. */
export function openCatalogue(url: string): Catalogue {
  const sql = connect(url, {
    max: 1,
    fetch_types: false,
    connect_timeout: 5,
    idle_timeout: 60,
    onnotice: () => {},
    connection: { application_name: 'bulkhead posture', TimeZone: 'UTC', default_transaction_read_only: true },
  });
  return {
    ask: async <Row extends object>(statement: string) => sql.unsafe<Row[]>(statement),
    close: () => sql.end({ timeout: 1 }),
  };
}
