import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { templateNames, testCluster } from '../support/test-cluster.js';
import { gateChecks } from './catalogue-gate.js';

const databases = ['operational', 'vault'] as const;
const connections = new Map<(typeof databases)[number], postgres.Sql>();

beforeAll(() => {
  for (const kind of databases) {
    const url = testCluster().adminUrl.replace(/\/[^/]*$/, `/${templateNames[kind]}`);
    connections.set(kind, postgres(url, { max: 1, onnotice: () => {} }));
  }
});
afterAll(async () => {
  for (const sql of connections.values()) await sql.end();
});

const rollBack = new Error('roll back');

describe.each(databases)('the catalogue of the %s database', (kind) => {
  it.each(gateChecks)('$name', async ({ sql }) => {
    const faults = await connections.get(kind)!.unsafe(sql);
    expect(faults.map((row) => row['fault'])).toEqual([]);
  });
});

describe('each check finds its fault', () => {
  it.each(gateChecks)('$name', async ({ sql, fixture }) => {
    let faults: unknown[] = [];
    await connections
      .get('operational')!
      .begin(async (tx) => {
        await tx.unsafe(fixture).simple();
        faults = await tx.unsafe(sql);
        throw rollBack;
      })
      .catch((error: unknown) => {
        if (error !== rollBack) throw error;
      });
    expect(faults.length).toBeGreaterThan(0);
  });
});
