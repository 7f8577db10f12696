import { resolve } from 'node:path';
import postgres from 'postgres';
import { loopback } from './loopback-port.js';
import type { ServerRecord } from './server-record.js';

/** `ours`: the server of the record's data directory. `refused`: it does not know the password. Else `silent`. */
export type PingAnswer = 'ours' | 'refused' | 'silent';

/** Asks the server on the record's port which data it serves; waits for it at most 2 s. */
export async function pingServer(record: ServerRecord): Promise<PingAnswer> {
  const sql = postgres({
    host: loopback,
    port: record.port,
    user: record.user,
    password: record.password,
    database: 'postgres',
    ssl: false,
    max: 1,
    connect_timeout: 2,
    fetch_types: false,
    onnotice: () => {},
  });
  try {
    const [row] = await sql<{ directory: string }[]>`select current_setting('data_directory') as directory`;
    return row !== undefined && resolve(row.directory) === record.dataDirectory ? 'ours' : 'silent';
  } catch (error) {
    return (error as { code?: unknown }).code === '28P01' ? 'refused' : 'silent';
  } finally {
    await sql.end({ timeout: 1 });
  }
}
