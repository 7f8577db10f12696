import type { Estate } from './estate/estate.js';

/**
 * Scopes by the kind of a key: each leaves out something else. All are keys of the first organization, but `foreign`.
 */
const scopesOf = {
  full: () => ['* *'],
  'read only': () => [
    'read PLACE/#/#',
    'read THING/#/#',
    'read INTEGRATION/#/#/#',
    'read DEFINITION/#/#',
    'read ORGANIZATION/#',
    'read APIKEY/#',
    'read AUDIT',
    'read SECRET/#',
  ],
  'one site': ({ ids }: Estate) => [`read PLACE/Site/${ids.sites[0]}`, `read PLACE/Site/${ids.sites[0]}/THING/#/#`],
  'two types': ({ ids }: Estate) => [
    `read THING/${ids.thingTypes[0]}/#`,
    `read THING/${ids.thingTypes[3]}/#`,
    `read DEFINITION/ThingType/${ids.thingTypes[0]}`,
    'read DEFINITION/ThingTypeVersion/#',
  ],
  'things alone': () => ['read THING/#/#'],
  'things and some definitions': ({ ids }: Estate) => [
    'read THING/#/#',
    `read DEFINITION/Metric/${ids.metrics[0]}`,
    `read DEFINITION/Metric/${ids.metrics[8]}`,
    `read DEFINITION/ThingType/${ids.thingTypes[1]}`,
    `read DEFINITION/ThingTypeVersion/${ids.thingTypeVersions[2]}`,
    `read DEFINITION/ThingTypeVersion/${ids.thingTypeVersions[3]}`,
    `read PLACE/Site/${ids.sites[1]}`,
  ],
  'a type or a site': ({ ids }: Estate) => [
    `read THING/${ids.thingTypes[1]}/#`,
    `read PLACE/Site/${ids.sites[0]?.toUpperCase()}/THING/#/#`,
    `read PLACE/Fleet/${ids.fleets[0]}`,
    `read DEFINITION/#/${ids.metrics[0]}`,
  ],
  'sites without things': () => ['read PLACE/Site/#', 'read DEFINITION/Metric/#'],
  'everything but metrics': () => [
    'read PLACE/#/#',
    'read THING/#/#',
    'read DEFINITION/ThingType/#',
    'read DEFINITION/ThingTypeVersion/#',
    'read INTEGRATION/EGRESS/#/#',
  ],
  'fleets and one thing': ({ ids }: Estate) => [
    'read PLACE/Fleet/#',
    'read PLACE/Fleet/#/THING/#/#',
    `read PLACE/#/#/THING/#/${ids.things[4]}`,
    'read DEFINITION/Metric/#',
  ],
  integrations: ({ ids }: Estate) => [
    'read INTEGRATION/#/PAGER/#',
    `read SECRET/${ids.integrations[1]}`,
    `read APIKEY/${ids.apiKeys[3]}`,
    'read AUDIT',
    'read ORGANIZATION/#',
  ],
  'writes only': () => ['write THING/#/#', 'write PLACE/#/#', 'write DEFINITION/#/#'],
  nothing: () => ['write SECRET/#'],
} satisfies Record<string, (estate: Estate) => readonly string[]>;

/** Kind of a key that asks. */
export type KeyKind = keyof typeof scopesOf | 'foreign';

/** Kinds with how often each asks, beside the others. */
export const keyWeights: Readonly<Record<KeyKind, number>> = {
  full: 14,
  'read only': 5,
  'one site': 3,
  'two types': 2,
  'things alone': 2,
  'things and some definitions': 3,
  'a type or a site': 2,
  'sites without things': 1,
  'everything but metrics': 2,
  'fleets and one thing': 2,
  integrations: 1,
  'writes only': 1,
  nothing: 1,
  foreign: 3,
};

/** Makes a key of each kind and answers their texts. */
export async function makeKeys(own: Estate, other: Estate): Promise<Record<KeyKind, string>> {
  const texts: Partial<Record<KeyKind, string>> = { foreign: other.client.key ?? '' };
  for (const [kind, scopes] of Object.entries(scopesOf)) {
    texts[kind as KeyKind] = (await own.organization.createKey({ scopes: scopes(own) })).text;
  }
  return texts as Record<KeyKind, string>;
}
