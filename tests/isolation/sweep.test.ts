import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { extendSchema, parse } from 'graphql';
import { createSchema } from '../../server/schema.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';
import { type DataDigest, digestOf, storedOf } from './data-digest.js';
import { type Seed, seed } from './seed.js';
import { attack, type Sides, uncovered } from './sweep/attack.js';
import { ghostOf } from './sweep/known.js';
import { isReachable } from './sweep/operation.js';
import { type Coordinate, coordinatesOf, positionsOf } from './sweep/positions.js';
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

const canHoldTexts = (coordinate: Coordinate) => positionsOf(coordinate).some(({ scalar }) => scalar !== 'ID');

// In this order: what a mutation was refused for is in the audit log of A afterwards, ids of B and all.
describe.each([
  { what: 'queries and relations', swept: queries, places: 'references' },
  { what: 'queries and relations', swept: queries, places: 'texts' },
  { what: 'mutations', swept: mutations, places: 'references' },
  { what: 'mutations', swept: mutations, places: 'texts' },
] as const)('$places of $what do not tell what is of B from what never was', ({ swept, places }) => {
  const attackable = swept.filter((coordinate) => places === 'references' || canHoldTexts(coordinate));
  it.each(attackable)('$name', async (coordinate) => {
    expect(await attack(coordinate, sides, { places, values: 'all' })).toEqual([]);
  });
});

describe('the sweep can fail', () => {
  it('names a field without a sample, and a place that no sample fills', async () => {
    const grown = extendSchema(
      schema,
      parse(`extend type Query { door(id: ID!): Site } extend input CreateSiteInput { twinOf: ID, note: String }`),
    );
    const missing = await Promise.all(coordinatesOf(grown).map((coordinate) => uncovered(coordinate, a)));
    expect(missing.flat()).toEqual([
      'Query.door has no sample',
      'Mutation.createSite(input.twinOf) is in no sample',
      'Mutation.createSite(input.note) is in no sample',
    ]);
  });

  it.each(['Query.site', 'Query.things', 'Site.levels', 'Thing.latest', 'Mutation.updateFleet'])(
    'finds what is reachable: %s with ids of A itself',
    async (name) => {
      const coordinate = coordinates.find((candidate) => candidate.name === name)!;
      const faults = await attack(coordinate, { ...sides, other: a }, { places: 'references', values: 'counterpart' });
      expect(faults.join('\n')).toMatch(/shows .*canary/);
      expect(faults.join('\n')).toMatch(/and not, as for what never was/);
    },
  );
});

describe('afterwards', () => {
  it('all data of B are what they were', async () => {
    expect(await digestOf(deployment, b.ids.organization)).toEqual(before);
  });

  it('the log names nothing that is in a row, and no secret', () => {
    expect(deployment.logLines.length).toBeGreaterThan(1000);
    const texts = [a, b].flatMap(({ canary, secretValue, client }) => [
      canary,
      secretValue,
      client.key!.split('_')[3]!,
    ]);
    expect(deployment.logLines.filter((line) => texts.some((text) => line.includes(text)))).toEqual([]);
  });

  it('no row of A refers to B', async () => {
    const stored = await storedOf(deployment, a.ids.organization, Object.values(b.ids), ['app.api_keys']);
    expect(stored).toEqual([]);
  });
});
