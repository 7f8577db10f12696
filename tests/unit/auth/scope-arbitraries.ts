import fc from 'fast-check';
import type { ScopeInput } from '../../../auth/scopes/parse-scopes.js';

/*
 * A small world in which every rule of the grammar can be met by chance: two literals at each open place, of which
 * filters use one or both, and a third one that no filter ever names.
 */
export const uuids = [
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
  'ffffffff-ffff-4fff-8fff-ffffffffffff',
] as const;

const ids = (prefix: string): string[] => ['a', 'b', 'z'].map((character) => prefix + character.repeat(26));

const [metricA, metricB, metricZ] = ids('mdef_') as [string, string, string];
const [typeA, typeB, typeZ] = ids('tdefi_') as [string, string, string];
const [versionA, versionB, versionZ] = ids('tdef_') as [string, string, string];

export { metricA, typeA, typeB, versionA };

/** One slot of a canonical path: a fixed word, or the values that resources of the small world have there. */
type Slot = string | { readonly named: readonly string[]; readonly unnamed: readonly string[] };

const fixed = (...named: string[]): Slot => ({ named, unnamed: [] });
const uuid: Slot = { named: uuids.slice(0, 2), unnamed: uuids.slice(2) };
const thingType: Slot = { named: [typeA, typeB], unnamed: [typeZ] };
const integrationType: Slot = { named: ['WEBHOOK', 'WEB_OOK'], unnamed: ['SMS'] };
const key: Slot = { named: ['abcdefABCD01', 'abcdefABCD02'], unnamed: ['abcdefABCD03'] };
const place: Slot[] = ['PLACE', fixed('Site', 'Fleet'), uuid];

/** Written by hand, apart from the product's own table. */
const templates: readonly (readonly Slot[])[] = [
  place,
  [...place, 'THING', thingType, uuid],
  ['INTEGRATION', fixed('INGRESS', 'EGRESS'), integrationType, uuid],
  ['DEFINITION', 'Metric', { named: [metricA, metricB], unnamed: [metricZ] }],
  ['DEFINITION', 'ThingType', { named: [typeA, typeB], unnamed: [typeZ] }],
  ['DEFINITION', 'ThingTypeVersion', { named: [versionA, versionB], unnamed: [versionZ] }],
  ['ORGANIZATION', uuid],
  ['APIKEY', key],
  ['AUDIT'],
  ['SECRET', uuid],
  ['TEMPLATE', { named: ['THING_DATA'], unnamed: ['OTHER'] }, uuid],
];

/** All resources of the small world, as canonical paths. */
export const universe: readonly string[] = templates.flatMap((template) =>
  template
    .map((slot) => (typeof slot === 'string' ? [slot] : [...slot.named, ...slot.unnamed]))
    .reduce<string[][]>((paths, values) => paths.flatMap((path) => values.map((value) => [...path, value])), [[]])
    .map((path) => path.join('/')),
);

const definitionTypes = ['Metric', 'ThingType', 'ThingTypeVersion'];

/** A canonical path in which values may be open. */
export const pathWithHashes: fc.Arbitrary<string> = fc
  .constantFrom(...templates)
  .chain((template) =>
    fc.tuple(
      ...template.map((slot) => {
        if (typeof slot !== 'string') return fc.constantFrom('#', '#', ...slot.named);
        return definitionTypes.includes(slot) ? fc.constantFrom('#', slot) : fc.constant(slot);
      }),
    ),
  )
  .map((segments) => segments.join('/'));

/** A filter as people write it: canonical or trailing form, or `*`. */
export const filter: fc.Arbitrary<string> = fc.oneof(
  { weight: 1, arbitrary: fc.constant('*') },
  {
    weight: 20,
    arbitrary: pathWithHashes.map((path) =>
      path.startsWith('PLACE/#/#/THING') ? path.slice('PLACE/#/#/'.length) : path,
    ),
  },
);

/** The same, with places preferred: where unions over the fixed words matter. */
const placeFilter = fc.constantFrom('PLACE/#/#', 'PLACE/Site/#', 'PLACE/Fleet/#', `PLACE/#/${uuids[0]}`, 'THING/#/#');

/** A scope of the small world. */
export const scopeInput: fc.Arbitrary<ScopeInput> = fc.record({
  action: fc.constantFrom('read', 'write', 'admin', '*'),
  resourceFilter: fc.oneof(filter, placeFilter),
});

/** One to six scopes. */
export const scopeInputs: fc.Arbitrary<ScopeInput[]> = fc.array(scopeInput, { minLength: 1, maxLength: 6 });

/** What a scope grants on one resource, written as naively as possible from the five rules of matching. */
export function grantsNaively(scope: ScopeInput, action: string, path: string): boolean {
  if (scope.action !== '*' && scope.action !== action) return false;
  if (scope.resourceFilter === '*') return true;
  const written = scope.resourceFilter.split('/');
  const wanted = path.split('/');
  const whole = written[0] === 'THING' ? ['PLACE', '#', '#', ...written] : written;
  if (whole.length !== wanted.length) return false;
  return whole.every((segment, index) => segment === '#' || segment === wanted[index]);
}
