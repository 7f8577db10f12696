import postgres from 'postgres';
import type { TestClusterDescription } from './test-cluster.js';

/** One connection to a database of the cluster as its superuser; to be ended by the caller. */
export function connectAsAdmin(cluster: TestClusterDescription, database: string): postgres.Sql {
  const url = cluster.adminUrl.replace(/\/[^/]*$/, `/${database}`);
  return postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
}
