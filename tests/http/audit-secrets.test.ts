import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf, withAdmin } from '../isolation/data-digest.js';
import { change, type Seed, seed } from '../isolation/seed.js';
import { placesOfText } from '../support/places-of-text.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

let deployment: TestDeployment;
let own: Seed;

beforeAll(async () => {
  deployment = await startTestDeployment();
  own = await seed(await deployment.createOrganization('Keeper'), 'A');
});
afterAll(() => deployment.stop());

const placesOf = (text: string) => placesOfText(deployment, text);

describe('a secret value', () => {
  it('is in no entry of the audit log, no line of the log and no table', async () => {
    const { client, ids } = own;
    const integrationId = ids.egressIntegration;
    const [put, rotated, taken, missing, forbidden] = Array.from({ length: 5 }, () => `value+${randomUUID()}`) as [
      string,
      ...string[],
    ];
    const tooLong = randomUUID().repeat(300);
    const name = `name-${randomUUID()}`;
    const send = (mutation: string, input: object, by = client) =>
      by.send(
        `mutation ($input: ${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input!) {
        ${mutation}(input: $input) { name } }`,
        { input },
      );
    const codeOf = async (...args: Parameters<typeof send>) => (await send(...args)).errors[0]?.extensions.code;
    expect(await codeOf('putSecret', { integrationId, name, value: put })).toBeUndefined();
    expect(await codeOf('rotateSecret', { integrationId, name, value: rotated })).toBeUndefined();
    expect(await codeOf('putSecret', { integrationId, name, value: taken })).toBe('CONFLICT');
    expect(await codeOf('rotateSecret', { integrationId, name: 'none', value: missing })).toBe('NOT_FOUND');
    const reader = await own.organization.createKey({ scopes: ['read *'] });
    expect(await codeOf('putSecret', { integrationId, name, value: forbidden }, reader.client)).toBe('FORBIDDEN');
    expect(await codeOf('putSecret', { integrationId, name, value: tooLong })).toBe('BAD_USER_INPUT');
    expect(await codeOf('putSecret', { integrationId, name, value: { nested: put } })).toBe('BAD_USER_INPUT');
    // Written into the document, where a careless caller puts it, and where the document is refused as a whole.
    const literals = Array.from({ length: 3 }, () => `literal-${randomUUID()}`);
    const literal = (value: string, rest: string) =>
      `mutation { putSecret(input: { integrationId: "${integrationId}", name: "l", value: "${value}" ${rest}`;
    expect((await client.send(literal(literals[0]!, '}) { name } }'))).errors).toEqual([]);
    expect(await client.codes(literal(literals[1]!, ', more: 1 }) { name } }'))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(await client.codes(literal(literals[2]!, '"'))).toEqual(['GRAPHQL_PARSE_FAILED']);

    const key = { name: `key-${randomUUID()}`, type: 'ADMIN', scopes: [{ action: 'READ', resourceFilter: 'AUDIT' }] };
    const created = await change(client, 'createApiKey', key, 'id secret');
    const anew = await change(client, 'rotateApiKey', { id: created.id }, 'secret');
    const keys = [created.secret, anew.secret, client.key!].flatMap((text) => [text, text.split('_')[3]!]);
    const events = await client.send('{ auditEvents(first: 50) { nodes { action change } } }');
    expect(events.errors).toEqual([]);

    const values = [put, rotated, taken, missing, forbidden, ...literals, ...keys] as string[];
    for (const value of [...values, tooLong.slice(0, 36), own.secretValue]) {
      expect(await placesOf(value)).toEqual([]);
      expect(events.text).not.toContain(value);
    }
    // The scan sees what is there: a name in both databases, bytes as hex, and what is logged.
    expect(await placesOf(name)).toEqual(['operational audit.entries', 'vault vault.secrets']);
    expect(await placesOf(created.id)).toContain('operational app.api_keys');
    expect(await placesOf(reader.id)).toContain('log');
  });
});

describe('where the audit log cannot be written', () => {
  const name = `name-${randomUUID()}`;
  let spare = '';
  beforeAll(async () => {
    spare = (await change(own.client, 'createIntegration', { name: 'spare', direction: 'EGRESS', type: 'PAGER' })).id;
  });
  const attempts: readonly (readonly [string, () => object])[] = [
    ['createSite', () => ({ name, address: '', latitude: 1, longitude: 2 })],
    ['updateFleet', () => ({ id: own.ids.fleet, name })],
    ['createMetric', () => ({ name, dataType: 'INT', defaultAggregation: 'SUM' })],
    ['setRetention', () => ({ days: 30, confirm: true })],
    ['setDefinitionPurge', () => ({ days: 30, confirm: true })],
    ['createApiKey', () => ({ name, type: 'ADMIN', scopes: [{ action: 'READ', resourceFilter: 'AUDIT' }] })],
    ['revokeApiKey', () => ({ id: own.ids.apiKey })],
    ['putSecret', () => ({ integrationId: own.ids.integration, name, value: 'value' })],
    ['rotateSecret', () => ({ integrationId: own.ids.integration, name: own.names.secret, value: 'value' })],
    ['deleteSecret', () => ({ integrationId: own.ids.integration, name: own.names.secret })],
    ['deleteIntegration', () => ({ id: spare })],
    [
      'ingestFrames',
      () => ({
        things: [{ thingId: own.ids.thing, frames: [{ timestamp: Date.now(), metrics: { [own.names.metric]: 7 } }] }],
      }),
    ],
    ['deleteThing', () => ({ id: own.ids.thing })],
  ];
  const permit = (does: boolean) =>
    withAdmin(deployment.adminUrl('operational'), async (sql) => {
      const functions = 'audit.append(text, text, text, text, text), audit.count_usage(text, bigint)';
      const change = does
        ? `grant execute on function ${functions} to`
        : `revoke execute on function ${functions} from`;
      await sql.unsafe(`${change} bulkhead_gateway`);
      const [row] = await sql<{ may: boolean }[]>`
        select has_function_privilege('bulkhead_gateway', 'audit.append(text, text, text, text, text)', 'execute') as may`;
      expect(row!.may).toBe(does);
    });
  const attempt = (mutation: string, input: object) =>
    own.client.send(
      `mutation ($input: ${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input!) {
        ${mutation}(input: $input) { __typename } }`,
      { input },
    );

  it('every change is refused and nothing is changed', async () => {
    const before = await digestOf(deployment, own.ids.organization);
    await permit(false);
    try {
      for (const [mutation, input] of attempts) {
        const answer = await attempt(mutation, input());
        expect([mutation, answer.status, answer.errors[0]?.extensions.code]).toEqual([mutation, 500, 'INTERNAL']);
        expect(answer.text).not.toMatch(/audit|permission/);
      }
      expect((await own.client.ok('{ sites(first: 1) { totalCount } }')).sites.totalCount).toBeGreaterThan(0);
    } finally {
      await permit(true);
    }
    expect(await digestOf(deployment, own.ids.organization)).toEqual(before);
    for (const [mutation, input] of attempts)
      expect([mutation, (await attempt(mutation, input())).errors]).toEqual([mutation, []]);
  });
});
