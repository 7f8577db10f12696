import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSchema } from '../../server/schema.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';
import { type DataDigest, digestOf, storedOf } from './data-digest.js';
import { type Seed, seed } from './seed.js';
import { attack, type Sides, uncovered } from './sweep/attack.js';
import { ghostOf } from './sweep/known.js';
import { isReachable } from './sweep/operation.js';
import { coordinatesOf } from './sweep/positions.js';
import { samples } from './sweep/samples.js';

const schema = createSchema();
const coordinates = coordinatesOf(schema);

let deployment: TestDeployment;
let a: Seed;
let b: Seed;
let before: DataDigest;
let sides: Sides;

beforeAll(async () => {
  deployment = await startTestDeployment();
  [a, b] = await Promise.all([
    deployment.createOrganization('A').then((organization) => seed(organization, 'A')),
    deployment.createOrganization('B').then((organization) => seed(organization, 'B')),
  ]);
  before = await digestOf(deployment, b.ids.organization);
  sides = { own: a, other: b, ghost: ghostOf(b), client: a.client };
});
afterAll(() => deployment.stop());

describe('the sweep covers the schema', () => {
  it('has a sample for every field, and a value for every place that can carry an id', async () => {
    const missing = await Promise.all(coordinates.map((coordinate) => uncovered(coordinate, a)));
    expect(missing.flat()).toEqual([]);
    expect(coordinates.filter((coordinate) => !isReachable(coordinate)).map(({ name }) => name)).toEqual([]);
  });

  it('has no sample for a field that is gone', () => {
    const names = new Set(coordinates.map(({ name }) => name));
    expect(Object.keys(samples).filter((name) => !names.has(name))).toEqual([]);
  });
});

const queries = coordinates.filter(({ type }) => type !== 'Mutation');
const mutations = coordinates.filter(({ type }) => type === 'Mutation');

// In this order: what a mutation was refused for is in the audit log of A afterwards, ids of B and all.
describe.each([
  { what: 'queries and relations', swept: queries, places: 'references' },
  { what: 'queries and relations', swept: queries, places: 'texts' },
  { what: 'mutations', swept: mutations, places: 'references' },
  { what: 'mutations', swept: mutations, places: 'texts' },
] as const)('$places of $what do not tell what is of B from what never was', ({ swept, places }) => {
  it.each(swept)('$name', async (coordinate) => {
    expect(await attack(coordinate, sides, { places, values: 'all' })).toEqual([]);
  });
});

describe('afterwards', () => {
  it('all data of B are what they were', async () => {
    expect(await digestOf(deployment, b.ids.organization)).toEqual(before);
  });

  it('no row of A refers to B', async () => {
    const stored = await storedOf(deployment, a.ids.organization, Object.values(b.ids), ['app.api_keys']);
    expect(stored).toEqual([]);
  });
});
