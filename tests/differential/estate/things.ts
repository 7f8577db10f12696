import { change } from '../../isolation/seed.js';
import type { GraphqlClient } from '../../support/graphql-client.js';
import type { Definitions } from './definitions.js';
import type { Create } from './estate.js';
import type { Places } from './places.js';

interface Around {
  readonly definitions: Definitions;
  readonly places: Places;
  readonly integrations: readonly string[];
}

/** Everything optional that a thing can have. */
const full = {
  description: 'All "fields" \\ set',
  address: 'Behind the shed',
  model: 'M-1',
  manufacturer: "O'Neill & Søn",
  isFirstParty: true,
  isSimulated: true,
  latitude: 0.1,
  longitude: -179.999999,
  altitude: 8848.86,
  attributes: { b: 1, a: 'x', '1': true, c: -2.5, d: 1e-300 },
};

/** Things that are bound to an older version of their type, by their place in the estate. */
const olderVersions = [
  { thing: 2, type: 0, version: 0 },
  { thing: 9, type: 0, version: 1 },
  { thing: 8, type: 1, version: 0 },
] as const;

/** Makes things of every type in most places, with as much and as little as can be said of one. */
export async function fillThings(
  client: GraphqlClient,
  create: Create,
  { definitions, places, integrations }: Around,
): Promise<string[]> {
  const [battery, charger, , doomed, unicode] = definitions.thingTypes;
  const [main, annex, score, tokyo] = places.sites;
  const [vans, trucks] = places.fleets;
  const levels = places.levels;
  const things: string[] = [];
  const thing = async (placeId: string | undefined, typeId: string | undefined, name: string, more: object = {}) => {
    things.push(await create('Thing', { placeId, typeId, name, ...more }));
  };
  await thing(main, battery, 'Thing 0', {
    ...full,
    levelId: levels[1],
    manufacturerId: 'serial-0',
    integrationIds: integrations,
  });
  await thing(main, battery, 'thing 1', { integrationIds: integrations.slice(1, 2) });
  await thing(main, battery, '50% of_all \\ "things"', { levelId: levels[0] });
  await thing(main, charger, "Robert'); drop table things;--", { manufacturerId: 'serial-1', levelId: levels[3] });
  await thing(main, unicode, 'Straße ΑΣ İstanbul ﬃ', {
    ...full,
    properties: { serial: 'A-1', size: 0.1, mount: 'wall', note: { '2': [1, 2, { x: null }], '1': 'é' } },
  });
  await thing(main, doomed, 'bound to a deleted type');
  await thing(annex, battery, 'a'.repeat(256), { description: 'é'.repeat(500) });
  await thing(annex, charger, ' spaces  inside ', { latitude: -0, longitude: 0, altitude: 1e21 });
  await thing(annex, charger, 'tab\tand\nbreak', { levelId: levels[8] });
  await thing(score, battery, 'under_score');
  await thing(tokyo, unicode, '温度計 №1 👩‍🔧', { properties: { size: 1e5, serial: 'B' } });
  await thing(vans, battery, 'van one', { ...full, manufacturerId: 'serial-2' });
  await thing(vans, charger, 'van two');
  await thing(vans, doomed, 'VAN THREE');
  await thing(trucks, unicode, 'truck');
  for (let index = 0; index < 9; index++) await thing([main, annex, vans][index % 3], charger, `row ${index}`);
  for (const { thing: index, type, version } of olderVersions) {
    const input = { id: things[index], typeVersionId: definitions.versionsOfTypes[type]?.[version] };
    await change(client, 'upgradeThing', input, 'thing { id }');
  }
  return things;
}
