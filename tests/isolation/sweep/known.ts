import { randomBytes, randomUUID } from 'node:crypto';
import { newDefinitionId, newId } from '../../../domain/input/id.js';
import { type Known, namesOf, type SeedIds } from '../seed.js';

/** A value of another organization that is put into an argument. */
export interface Value {
  /** What it is, e.g. `ids.site`. */
  readonly name: string;
  readonly value: string;
  /** Values of one form must have the same answer as a made-up value of that form. */
  readonly form: string;
}

/** What an id looks like, and how to make one that nobody has. */
const kinds: readonly (readonly [name: string, pattern: RegExp, make: () => string])[] = [
  ['uuid 7', /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/, newId],
  ['uuid 4', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/, randomUUID],
  ['mdef', /^mdef_/, () => newDefinitionId('mdef')],
  ['tdefi', /^tdefi_/, () => newDefinitionId('tdefi')],
  ['tdef', /^tdef_/, () => newDefinitionId('tdef')],
  ['alt', /^alt_/, () => newDefinitionId('alt')],
  ['key', /^[0-9A-Za-z]{12}$/, () => randomBytes(6).toString('hex')],
];

/** An organization that never was: ids and names of the same forms as those of a real one. */
export function ghostOf(known: Known): Known {
  const ids = Object.fromEntries(Object.entries(known.ids).map(([name, id]) => [name, twinOf(id)]));
  return { ids: ids as unknown as SeedIds, names: namesOf(`CANARY-B-${randomUUID()}`) };
}

/** Every id. */
export function idsOf(known: Known): Value[] {
  return Object.entries(known.ids).map(([name, value]) => ({ name: `ids.${name}`, value, form: formOf(value) }));
}

/** Every id and every name. */
export function idsAndNamesOf(known: Known): Value[] {
  const names = Object.entries(known.names).map(([name, value]) => ({ name, value, form: name }));
  return [...idsOf(known), ...names];
}

/** The paths of every noun, as filters of scopes write them. */
export function pathsOf({ ids, names }: Known): Value[] {
  return [
    `ORGANIZATION/${ids.organization}`,
    `PLACE/Site/${ids.site}`,
    `PLACE/Fleet/${ids.fleet}`,
    `PLACE/Site/${ids.site}/THING/#/#`,
    `PLACE/Site/${ids.site}/THING/${ids.thingType}/${ids.thing}`,
    `THING/${ids.thingType}/#`,
    `THING/${names.thingType}/#`,
    `THING/${names.deletedThingType}/#`,
    `INTEGRATION/INGRESS/WEBHOOK/${ids.integration}`,
    `DEFINITION/Metric/${ids.metric}`,
    `DEFINITION/ThingType/${ids.thingType}`,
    `DEFINITION/ThingTypeVersion/${ids.thingTypeVersion}`,
    `APIKEY/${ids.apiKey}`,
    `SECRET/${ids.integration}`,
    `MONITOR/${ids.monitor}`,
    `TEMPLATE/THING_DATA/${ids.template}`,
  ].map((value, index) => ({ name: `path ${index}`, value, form: `path ${index}` }));
}

function kindOf(id: string) {
  const kind = kinds.find(([, pattern]) => pattern.test(id));
  if (kind === undefined) throw new Error(`an id of unknown form: ${id}`);
  return kind;
}

/** What an id looks like. Messages write names that start with a digit in another way. */
export function formOf(id: string): string {
  return `${kindOf(id)[0]} ${/^\d/.test(id) ? 'from a digit' : 'from a letter'}`;
}

function twinOf(id: string): string {
  const [, , make] = kindOf(id);
  for (;;) {
    const twin = make();
    if (formOf(twin) === formOf(id)) return twin;
  }
}
