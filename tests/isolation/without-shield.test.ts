import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphqlClient } from '../support/graphql-client.js';
import { buildCompartments, type Compartments, coordinates, readAll } from './compartments.js';
import { type DataDigest, digestOf } from './data-digest.js';
import type { SeedIds } from './seed.js';
import { ask, attack, leaksOf, type Sides } from './sweep/attack.js';
import { operationOf } from './sweep/operation.js';
import { samples } from './sweep/samples.js';

describe('without shield', () => {
  let compartments: Compartments;
  let sides: Sides;
  beforeAll(async () => {
    compartments = await buildCompartments();
    const gateway = await compartments.deployment.startGateway({ permissions: false });
    sides = { ...compartments.sides, client: graphqlClient(gateway.url, compartments.a.client.key) };
  });
  afterAll(() => compartments.deployment.stop());

  it('is gone: a key without a scope on sites passes the rule, and is shown no site', async () => {
    const weak = await compartments.a.organization.createKey({ scopes: ['read APIKEY/000000000000'] });
    const document = '{ sites(first: 10) { totalCount nodes { id } } }';
    const shielded = await weak.client.send(document);
    expect(shielded.errors.map(({ message }) => message)).toEqual(['The key has no scope for Query.sites']);
    const bare = await graphqlClient(sides.client.url, weak.text).ok(document);
    expect(bare.sites).toEqual({ totalCount: 0, nodes: [] });
  });

  it('a key without scopes is shown nothing and changes nothing by any field', async () => {
    const { deployment, a } = compartments;
    const weak = await a.organization.createKey({ scopes: ['read APIKEY/000000000000'] });
    const client = graphqlClient(sides.client.url, weak.text);
    const calls = [];
    for (const coordinate of coordinates) {
      for (const sample of samples[coordinate.name] ?? []) {
        calls.push({ name: coordinate.name, operation: operationOf(coordinate, a, (await sample(a))()) });
      }
    }
    const inApp = (digest: DataDigest) => Object.entries(digest).filter(([table]) => !table.includes(' audit.'));
    const before = inApp(await digestOf(deployment, a.ids.organization));
    const shown: string[] = [];
    for (const { name, operation } of calls) {
      const answer = await ask(client, operation);
      const { organization, ...ids } = a.ids;
      const leaks = leaksOf(answer, { ...a, ids: ids as SeedIds });
      if (leaks.length > 0) shown.push(`${name} shows ${leaks.join(', ')}: ${answer.text}`);
      if (name.startsWith('Mutation.') && answer.errors.length === 0) shown.push(`${name} is not refused`);
    }
    expect(shown).toEqual([]);
    expect(inApp(await digestOf(deployment, a.ids.organization))).toEqual(before);
  });

  it('A reads what it reads behind all walls', async () => {
    const all = await readAll(compartments, compartments.a.client);
    const bare = await readAll(compartments, sides.client);
    expect(bare).toEqual(all);
    expect(Object.values(bare).flatMap(({ faults }) => faults)).toEqual([]);
  });

  // A deletion refers to nothing, and a call of it that succeeds would be the last one of A.
  const refers = coordinates.filter(({ name }) => name !== 'Mutation.deleteOrganization');
  it.each(refers)('$name does not tell what is of B from what never was', async (coordinate) => {
    expect(await attack(coordinate, sides, { places: 'references', values: 'counterpart' })).toEqual([]);
  });

  it('all data of B are what they were', async () => {
    expect(await digestOf(compartments.deployment, compartments.b.ids.organization)).toEqual(compartments.before);
  });
});
