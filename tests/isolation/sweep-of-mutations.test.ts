import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDeployment } from '../support/test-deployment.js';
import { buildCompartments, type Compartments, coordinates } from './compartments.js';
import { digestOf, storedOf } from './data-digest.js';
import type { Seed } from './seed.js';
import { attack } from './sweep/attack.js';
import { type Coordinate, positionsOf } from './sweep/positions.js';

/*
 * Calls every mutation as organization A, with all that names a row of organization B in every place that can carry it.
 * What the sweep covers is checked beside the queries, in sweep.test.ts.
 */
let compartments: Compartments;
let deployment: TestDeployment;
let a: Seed;
let b: Seed;

beforeAll(async () => {
  compartments = await buildCompartments();
  ({ deployment, a, b } = compartments);
});
afterAll(() => deployment.stop());

const mutations = coordinates.filter(({ type }) => type === 'Mutation');
const canHoldTexts = (coordinate: Coordinate) => positionsOf(coordinate).some(({ scalar }) => scalar !== 'ID');

// Texts come last: once A has stored the names of B, it finds rows of its own by them.
describe.each([
  // A deletion refers to nothing, and a call of it that succeeds would be the last one of A.
  { places: 'references', swept: mutations.filter(({ name }) => name !== 'Mutation.deleteOrganization') },
  { places: 'texts', swept: mutations.filter(canHoldTexts) },
] as const)('$places of mutations do not tell what is of B from what never was', ({ swept, places }) => {
  it.each(swept)('$name', async (coordinate) => {
    expect(await attack(coordinate, compartments.sides, { places, values: 'all' })).toEqual([]);
  });
});

describe('afterwards', () => {
  it('all data of B are what they were', async () => {
    expect(await digestOf(deployment, b.ids.organization)).toEqual(compartments.before);
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
