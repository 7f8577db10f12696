/** Schema of the job queue, which belongs to graphile-worker. */
export const jobQueueSchema = 'graphile_worker';

/**
 * Brings the schema of the job queue to the version of the library that is installed, by the library's own migrations,
 * as the owner: run-time roles get only what our migrations grant them. Run again it finds nothing to do.
 * @param migratorUrl address of the operational database as bulkhead_migrator
 */
export async function migrateJobQueue(migratorUrl: string): Promise<void> {
  // Loaded here, since every command would pay for it otherwise.
  const { openQueuePool } = await import('./queue-connection.js');
  const { Logger, runMigrations } = await import('graphile-worker');
  const pool = openQueuePool(migratorUrl, { max: 1, connectionTimeoutMillis: 10_000 });
  // Sent before whatever the library sends on that connection.
  pool.on('connect', (client) => void client.query('set role bulkhead_owner').catch(() => {}));
  try {
    await runMigrations({ pgPool: pool, schema: jobQueueSchema, logger: new Logger(() => () => {}) });
  } finally {
    await pool.end();
  }
}
