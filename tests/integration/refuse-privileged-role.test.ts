import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { startGateway } from '../../server/gateway.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

let deployment: TestDeployment;
let admin: postgres.Sql;
const password = 'only-for-this-test-0123456789';

beforeAll(async () => {
  deployment = await startTestDeployment();
  admin = postgres(deployment.adminUrl('operational'), { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await admin.end();
  await deployment.stop();
});

function start(operationalUrl: string) {
  return startGateway({
    host: '127.0.0.1',
    port: 0,
    operationalUrl,
    vaultUrl: deployment.urlOf('vault', 'bulkhead_vault_writer'),
    contextKey: Buffer.alloc(32),
    telemetryKey: Buffer.alloc(32),
    environment: 'test',
    deployment: 'test',
    trustedProxies: [],
    telemetryPools: 10,
    exportDirectory: '/nowhere/exports',
    logLevel: 'silent',
  });
}

/** Makes a role, lets it connect, starts a gateway as it, and removes the role again. */
async function startAs(rights: string, after = ''): Promise<unknown> {
  const role = `privileged_${Math.random().toString(36).slice(2)}`;
  const { database } = admin.options;
  await admin
    .unsafe(
      `create role ${role} login password '${password}' ${rights}; grant connect on database "${database}" to ${role}; ${after.replaceAll('ROLE', role)}`,
    )
    .simple();
  try {
    const url = deployment.urlOf('operational', 'bulkhead_gateway').replace(/\/\/[^@]*@/, `//${role}:${password}@`);
    const gateway = await start(url);
    await gateway.close();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await admin.unsafe(`drop owned by ${role}; drop role ${role}`).simple();
  }
}

describe('a gateway refuses a role for which row-level security would not hold', () => {
  it('starts as a role without any right: the control', async () => {
    expect(await startAs('')).toBeUndefined();
  });

  it.each([
    ['a superuser', 'superuser', '', 'is a superuser'],
    ['a role with BYPASSRLS', 'bypassrls', '', 'has BYPASSRLS'],
    ['a role that makes roles', 'createrole', '', 'has CREATEROLE, CREATEDB or REPLICATION'],
    ['a member of another role', '', 'grant bulkhead_owner to ROLE', 'is a member of another role'],
    [
      'an owner of tables',
      '',
      'create table app.owned_by_role (org_id uuid primary key); grant create on schema app to ROLE; alter table app.owned_by_role owner to ROLE',
      'owns tables of Bulkhead',
    ],
  ])('refuses %s', async (_name, rights, after, fault) => {
    const error = await startAs(rights, after);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toContain('refusing to start');
    expect((error as Error).message).toContain(fault);
  });
});
