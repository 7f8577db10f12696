import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Identity } from '../../auth/identity.js';
import type { IntegrationRow } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { createIntegration, type NewIntegration } from '../../domain/integration/create-integration.js';
import { getIntegration } from '../../domain/integration/get-integration.js';
import { integrationList } from '../../domain/integration/integration-list.js';
import { removeIntegration } from '../../domain/integration/remove-integration.js';
import { updateIntegration } from '../../domain/integration/update-integration.js';
import { readPage } from '../../domain/read-page.js';
import {
  newOrganization,
  type OperationalDatabase,
  restricted,
  startOperationalDatabase,
  write,
} from '../support/operational-database.js';
import { settled } from '../support/settled.js';

let operational: OperationalDatabase;
let owner: Identity;

beforeAll(async () => {
  operational = await startOperationalDatabase();
  owner = await newOrganization(operational.database);
});

afterAll(() => operational.stop());

const as = <T>(identity: Identity, work: (tx: OrgTransaction) => Promise<T>) =>
  write(operational.database, identity, work);
/** A plain record: of a type that is not in the catalog. */
const pager: NewIntegration = { name: 'Alerts', direction: 'EGRESS', type: 'PAGER' };
const create = (input: Partial<NewIntegration> = {}, identity = owner) =>
  as(identity, (tx) => createIntegration(tx, { ...pager, ...input }));

describe('integrations', () => {
  it('keeps settings and metadata and merges changes at once', async () => {
    const id = await create({ properties: { urls: ['https://a.example', 'https://b.example'], none: [] } });
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        as(owner, (tx) =>
          settled(updateIntegration(tx, { id, properties: { [name]: [name] }, metadata: { [name]: 1 } })),
        ),
      ),
    );
    const { before, after } = await as(owner, (tx) =>
      settled(updateIntegration(tx, { id, name: 'Pager', propertiesToDelete: ['none', 'a'], metadataToDelete: ['b'] })),
    );
    expect(before.name).toBe('Alerts');
    expect(after).toMatchObject({ name: 'Pager', direction: 'EGRESS', type: 'PAGER' });
    expect(after.properties).toEqual({ urls: ['https://a.example', 'https://b.example'], b: ['b'], c: ['c'] });
    expect(after.metadata).toEqual({ a: 1, c: 1 });
    expect(await as(owner, (tx) => getIntegration(tx, id.toUpperCase()))).toEqual(after);
  });

  it.each([
    ['input.type', { type: 'webhook' }],
    ['input.type', { type: 'WEB/HOOK' }],
    ['input.type', { type: 'W'.repeat(51) }],
    ['input.name', { name: '' }],
    ['input.properties.url', { properties: { url: 'https://a.example' } }],
    ['input.properties.url[0]', { properties: { url: [1] } }],
    ['input.properties.url[1]', { properties: { url: ['a', ''] } }],
    ['input.properties.url', { properties: { url: Array(101).fill('a') } }],
    ['input.properties', { properties: { big: Array(17).fill('a'.repeat(1000)) } }],
    ['input.properties', { properties: JSON.parse('{"__proto__": ["a"]}') }],
    ['input.metadata.a', { metadata: { a: {} } }],
  ] as [string, Partial<NewIntegration>][])('refuses %s of %j', async (field, input) => {
    await expect(create(input)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
  });

  it('refuses a name that is set and deleted', async () => {
    const id = await create();
    await expect(
      as(owner, (tx) => settled(updateIntegration(tx, { id, properties: { a: ['a'] }, propertiesToDelete: ['a'] }))),
    ).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.properties' } });
    await expect(as(owner, (tx) => settled(updateIntegration(tx, { id, name: null })))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  it('is decided on direction, type and id', async () => {
    const id = await create();
    const creator = restricted(owner, 'write INTEGRATION/EGRESS/PAGER/#');
    await create({}, creator);
    await expect(create({ type: 'EMAIL' }, creator)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(create({ direction: 'INGRESS' }, creator)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const one = restricted(owner, `write INTEGRATION/EGRESS/PAGER/${id}`);
    await expect(create({}, one)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await as(one, (tx) => settled(updateIntegration(tx, { id, name: 'Mine' })));
    const reader = restricted(owner, 'read INTEGRATION/#/#/#');
    const change = (tx: OrgTransaction) => settled(updateIntegration(tx, { id, name: 'Not mine' }));
    await expect(as(reader, change)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(as(reader, (tx) => removeIntegration(tx, id))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const stranger = restricted(owner, 'write INTEGRATION/INGRESS/#/#');
    await expect(as(stranger, change)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(as(await newOrganization(operational.database), change)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await as(one, (tx) => removeIntegration(tx, id));
    await expect(as(one, (tx) => removeIntegration(tx, id))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('lists by direction and search what may be read', async () => {
    const identity = await newOrganization(operational.database);
    await create({ name: 'Weather', direction: 'INGRESS', type: 'WEATHER' }, identity);
    const id = await create({ name: 'Mail' }, identity);
    const names = async (filter: Parameters<typeof integrationList>[0], reader = identity) => {
      const page = await readPage<IntegrationRow>(operational.database, reader, integrationList(filter), { first: 10 });
      return page.rows.map(({ name }) => name);
    };
    expect(await names({})).toEqual(['Weather', 'Mail']);
    expect(await names({ direction: 'INGRESS' })).toEqual(['Weather']);
    expect(await names({ direction: null, search: 'mAI' })).toEqual(['Mail']);
    expect(await names({ search: id })).toEqual(['Mail']);
    expect(await names({}, restricted(identity, 'read INTEGRATION/INGRESS/#/#'))).toEqual(['Weather']);
  });
});
