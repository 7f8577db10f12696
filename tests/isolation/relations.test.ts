import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseKey } from '../../auth/api-keys/key-format.js';
import { graphqlClient } from '../support/graphql-client.js';
import type { TestDeployment } from '../support/test-deployment.js';
import { buildCompartments, coordinates, schema } from './compartments.js';
import type { Seed } from './seed.js';
import { ask, foundIn, leaksOf, shownOf } from './sweep/attack.js';
import { operationOf } from './sweep/operation.js';
import { type Coordinate, isCursor } from './sweep/positions.js';
import { requiredArgs, walk } from './sweep/walk.js';

let deployment: TestDeployment;
let a: Seed;
let b: Seed;

beforeAll(async () => {
  ({ deployment, a, b } = await buildCompartments());
});
afterAll(() => deployment.stop());

describe('all relations, three nouns deep', () => {
  it.each(coordinates.filter(({ type }) => type === 'Query'))('$name shows A and nothing of B', async (coordinate) => {
    expect((await walk(schema, coordinate, a.client, a, b)).faults).toEqual([]);
  });

  it('finds B by the same walk with the key of B: the scan sees what it looks for', async () => {
    const sites = coordinates.find(({ name }) => name === 'Query.sites')!;
    const { faults } = await walk(schema, sites, b.client, b, b);
    expect(faults.length).toBeGreaterThan(1);
    expect(faults.join()).toMatch(/canary.* site.* thing/);
  });
});

describe('cursors', () => {
  const lists = coordinates.filter((coordinate) =>
    coordinate.field.args.some(({ name }) => isCursor(coordinate, name)),
  );
  const pageOf = async (coordinate: Coordinate, asker: Seed, owner: Seed, after?: string) => {
    const args = { ...(await requiredArgs(coordinate, owner)), first: 1, ...(after === undefined ? {} : { after }) };
    const operation = operationOf(coordinate, owner, args);
    const answer = await ask(asker.client, operation);
    const page = foundIn(answer, operation) as { pageInfo: { endCursor: string; hasNextPage: boolean } } | undefined;
    return { answer, page };
  };

  it.each(lists)('$name refuses one of B like one that nobody issued', async (coordinate) => {
    const ofA = await pageOf(coordinate, a, a);
    const ofB = await pageOf(coordinate, b, b);
    expect([ofA.page?.pageInfo.hasNextPage, ofB.page?.pageInfo.hasNextPage]).toEqual([true, true]);

    const own = await pageOf(coordinate, a, a, ofA.page!.pageInfo.endCursor);
    expect(own.answer.errors).toEqual([]);
    expect(own.answer.text).not.toEqual(ofA.answer.text);

    const cursor = ofB.page!.pageInfo.endCursor;
    const garbage = Buffer.from(Buffer.from(cursor, 'base64url').reverse()).toString('base64url');
    const foreign = await pageOf(coordinate, a, a, cursor);
    const invented = await pageOf(coordinate, a, a, garbage);
    expect(foreign.answer.errors.map((error) => error.extensions.code)).toEqual(['BAD_USER_INPUT']);
    expect(shownOf(foreign.answer, cursor, a)).toEqual(shownOf(invented.answer, garbage, a));
    expect(leaksOf(foreign.answer, b, cursor)).toEqual([]);
  });

  it('of one list are refused by another', async () => {
    const { page } = await pageOf(lists.find(({ name }) => name === 'Query.sites')!, a, a);
    const after = page!.pageInfo.endCursor;
    for (const list of lists.filter(({ name }) => name !== 'Query.sites')) {
      const { answer } = await pageOf(list, a, a, after);
      expect(answer.errors.map((error) => error.extensions.code)).toEqual(['BAD_USER_INPUT']);
    }
  });
});

describe('the organization of a request', () => {
  const document = '{ me { orgId } organization { id } sites(first: 10) { nodes { id } } }';
  const post = async (headers: Readonly<Record<string, string>>, path = '/graphql', more: object = {}) => {
    const response = await fetch(`${deployment.gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: document, ...more }),
    });
    return { status: response.status, text: await response.text() };
  };

  it('is that of the key, whatever else the request says', async () => {
    const key = { 'x-api-key': a.client.key! };
    const plain = await post(key);
    expect(JSON.parse(plain.text).data.me).toEqual({ orgId: a.ids.organization });
    const org = b.ids.organization;
    const names = ['x-org-id', 'x-organization-id', 'x-tenant-id', 'x-bulkhead-org', 'x-actor', 'x-forwarded-user'];
    const more = { extensions: { orgId: org }, orgId: org };
    expect(
      await post(
        {
          ...key,
          ...Object.fromEntries(names.map((name) => [name, org])),
          cookie: `org=${org}; orgId=${org}; session=${b.client.key}`,
        },
        `/graphql?orgId=${org}&key=${b.client.key}`,
        more,
      ),
    ).toEqual(plain);
  });

  it('is no organization where two keys are presented', async () => {
    const both = await post({ 'x-api-key': a.client.key!, authorization: `Bearer ${b.client.key}` });
    expect(both.status).toBe(401);
    expect(await post({ 'x-api-key': `${a.client.key}, ${b.client.key}` })).toMatchObject({ status: 401 });
    expect((await post({ authorization: `Bearer ${a.client.key}` })).status).toBe(200);
  });

  it('does not follow the id of a key that is put together with the secret of another', async () => {
    const [type, environment, , secret] = a.client.key!.split('_');
    const body = [type, environment, b.client.key!.split('_')[2], secret].join('_');
    const spliced = `${body}_${checksumOf(body)}`;
    expect(parseKey(spliced)).toBeDefined();
    expect((await graphqlClient(deployment.gateway.url, spliced).send(document)).status).toBe(401);
  });

  it('is no key to the door of operators', async () => {
    const answer = await graphqlClient(deployment.gateway.url, a.client.key, '/operator/graphql').send(
      '{ organizations(first: 10) { id name } }',
    );
    expect(answer.status).toBe(401);
    expect(leaksOf(answer, b)).toEqual([]);
  });
});

/** CRC-32 as six digits of base 62, as keys end with. */
function checksumOf(body: string): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const places = Array.from({ length: 6 }, (_, index) => Math.floor(crc32(body) / 62 ** (5 - index)) % 62);
  return places.map((place) => digits[place]).join('');
}
