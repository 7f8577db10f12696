import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expire } from '../../jobs/tasks/expire.js';
import { withAdmin } from '../isolation/data-digest.js';
import { change } from '../isolation/seed.js';
import { graphqlClient } from '../support/graphql-client.js';
import { withTaskContext } from '../support/task-context.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;

beforeAll(async () => {
  deployment = await startTestDeployment();
});
afterAll(() => deployment.stop());

const admin = <T>(work: Parameters<typeof withAdmin<T>>[1]) => withAdmin(deployment.adminUrl('operational'), work);

/** Runs the job as if so many milliseconds had passed by the clock of the database. */
const expireAfter = (laterMs: number) =>
  withTaskContext(deployment, async (context) => {
    const [clock] = await admin((sql) => sql<{ now: Date }[]>`select now()`);
    await expire.run({}, { ...context, now: new Date(clock!.now.getTime() + laterMs) });
  });

describe('the secret of a rotated key', () => {
  const secretsOf = ({ orgId }: TestOrganization, id: string) =>
    admin((sql) => sql`select from app.api_key_secrets where org_id = ${orgId} and key_id = ${id}`);

  it('is refused from its end on, is there until then, and is removed after', async () => {
    const organization = await deployment.createOrganization('Rotates');
    const key = await organization.createKey({ scopes: ['read *'] });
    const graceSeconds = 3600;
    const { secret } = await change(organization.client, 'rotateApiKey', { id: key.id, graceSeconds }, 'secret');
    const [renewed, former] = [graphqlClient(deployment.gateway.url, secret), key.client];
    await expireAfter(graceSeconds * 1000 - 10_000);
    expect(await secretsOf(organization, key.id)).toHaveLength(2);
    for (const client of [renewed, former]) await client.ok('{ me { keyId } }');

    // Ended, but not removed yet.
    const last = await change(organization.client, 'rotateApiKey', { id: key.id, graceSeconds: 0 }, 'secret');
    for (const client of [renewed, former])
      expect(await client.codes('{ me { keyId } }', {})).toEqual(['UNAUTHENTICATED']);
    expect(await secretsOf(organization, key.id)).toHaveLength(3);
    await expireAfter(0);
    expect(await secretsOf(organization, key.id)).toHaveLength(1);
    for (const client of [renewed, former])
      expect(await client.codes('{ me { keyId } }', {})).toEqual(['UNAUTHENTICATED']);
    await graphqlClient(deployment.gateway.url, last.secret).ok('{ me { keyId } }');
  });

  it('that has no end is never removed, whatever the moment', async () => {
    const organization = await deployment.createOrganization('Stays');
    const key = await organization.createKey({ scopes: ['read *'] });
    await expireAfter(1000 * 365 * 86_400_000);
    expect(await secretsOf(organization, key.id)).toHaveLength(1);
    await key.client.ok('{ me { keyId } }');
  });
});

describe('a bucket of tokens', () => {
  it('is removed a day after it was full, and its organization goes on with a whole burst', async () => {
    const organization = await deployment.createOrganization('Rests');
    await organization.client.ok('{ me { keyId } }');
    const buckets = () => admin((sql) => sql`select from platform.rate_buckets where org_id = ${organization.orgId}`);
    await expireAfter(0);
    expect(await buckets()).toHaveLength(1);
    await expireAfter(2 * 86_400_000);
    expect(await buckets()).toHaveLength(0);
    await organization.client.ok('{ me { keyId } }');
  });
});
