import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { extendSchema, parse } from 'graphql';
import { buildCompartments, type Compartments, coordinates, schema } from './compartments.js';
import { digestOf } from './data-digest.js';
import type { Seed } from './seed.js';
import { attack, uncovered } from './sweep/attack.js';
import { isReachable } from './sweep/operation.js';
import { coordinatesOf } from './sweep/positions.js';
import { samples } from './sweep/samples.js';

/*
 * Calls every query and every field with arguments as organization A, with all that names a row of organization B in every
 * place that can carry it. The mutations are in a file of their own: both take their time.
 */
let compartments: Compartments;
let a: Seed;

beforeAll(async () => {
  compartments = await buildCompartments();
  a = compartments.a;
});
afterAll(() => compartments.deployment.stop());

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

describe('queries and relations do not tell what is of B from what never was', () => {
  it.each(coordinates.filter(({ type }) => type !== 'Mutation'))('$name', async (coordinate) => {
    for (const places of ['references', 'texts'] as const) {
      expect(await attack(coordinate, compartments.sides, { places, values: 'all' })).toEqual([]);
    }
  });

  it('and leave all data of B as they were', async () => {
    const { deployment, b, before } = compartments;
    expect(await digestOf(deployment, b.ids.organization)).toEqual(before);
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
      const faults = await attack(
        coordinate,
        { ...compartments.sides, other: a },
        { places: 'references', values: 'counterpart' },
      );
      expect(faults.join('\n')).toMatch(/shows .*canary/);
      expect(faults.join('\n')).toMatch(/and not, as for what never was/);
    },
  );
});
