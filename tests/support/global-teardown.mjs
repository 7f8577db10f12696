// biome-ignore lint/style/noDefaultExport: jest's contract
export default async function teardown() {
  await globalThis.stopTestCluster();
}
