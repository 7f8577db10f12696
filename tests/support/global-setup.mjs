import { startTestCluster } from '../../dist/tests/support/test-cluster.js';

// Runs once before all test files, from the build: jest does not transform what it imports here.
// biome-ignore lint/style/noDefaultExport: jest's contract
export default async function setup() {
  // As a start sets it: libraries check more, and are slower, where it has another value.
  process.env['NODE_ENV'] = 'production';
  const cluster = await startTestCluster();
  process.env['BULKHEAD_TEST_CLUSTER'] = JSON.stringify(cluster.description);
  globalThis.stopTestCluster = cluster.stop;
}
