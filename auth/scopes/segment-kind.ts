import { definitionIdPrefixes, definitionTypeOf, definitionTypes } from './definition-id.js';

/** Stands for any value of the one segment in which it is written, alone. Never for none, never for several. */
export const anyValue = '#';

/** What may stand in one place of a resource path. */
export interface SegmentKind {
  /** Name of the place, as messages write it between braces. */
  readonly name: string;
  /** All values there are, where the vocabulary is fixed; absent where it is open (and taken as endless). */
  readonly values?: readonly string[];
  /** What a literal has to be, in words that follow "must be". */
  readonly expected: string;
  /** The canonical text of a literal; undefined when it is none of this kind. */
  readonly read: (literal: string) => string | undefined;
}

/** 8-4-4-4-12 hexadecimal digits of any UUID version. */
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function uuid(name: string): SegmentKind {
  const read = (literal: string): string | undefined => {
    const lower = literal.toLowerCase();
    return uuidForm.test(lower) ? lower : undefined;
  };
  return { name, expected: 'a UUID', read };
}

function oneOf(name: string, values: readonly string[]): SegmentKind {
  return {
    name,
    values,
    expected: values.join(' or '),
    read: (literal) => (values.includes(literal) ? literal : undefined),
  };
}

function matching(name: string, form: RegExp, expected: string): SegmentKind {
  return { name, expected, read: (literal) => (form.test(literal) ? literal : undefined) };
}

/** `Site` or `Fleet`. */
export const placeType = oneOf('placeType', ['Site', 'Fleet']);

/** UUID of a place; upper-case digits are accepted and lowered, as in all UUIDs of a path. */
export const placeId = uuid('placeId');

/**
 * A thing type: its stable id (`tdefi_…`), or in the filter of a key that is being made its display name: 1 to 100
 * characters, compared as written. What starts with `tdefi_` is never taken for a name.
 */
export const thingType: SegmentKind = {
  name: 'thingType',
  expected: 'an id of a thing type (tdefi_…) or its display name of 1 to 100 characters',
  read: (literal) => {
    if (literal.startsWith(definitionIdPrefixes.ThingType)) return isThingTypeId(literal) ? literal : undefined;
    return [...literal].length <= 100 ? literal : undefined;
  },
};

/** UUID of a thing. */
export const thingId = uuid('thingId');

/** `INGRESS` or `EGRESS`. */
export const integrationDirection = oneOf('direction', ['INGRESS', 'EGRESS']);

/** Name of an integration type such as `WEBHOOK`. The catalog decides which ones exist: others simply match nothing. */
export const integrationType = matching(
  'type',
  /^[A-Z][A-Z0-9_]{0,49}$/,
  'the name of an integration type: A to Z, 0 to 9 and _, at most 50 characters',
);

/** UUID of an integration. */
export const integrationId = uuid('integrationId');

/**
 * Target of a template such as `THING_DATA`. Open, since others are to come: a key for all templates of this one is not a
 * key for all templates.
 */
export const templateTarget = matching(
  'target',
  /^[A-Z][A-Z_]{0,49}$/,
  'the target of a template: A to Z and _, at most 50 characters',
);

/** UUID of a template. */
export const templateId = uuid('templateId');

/** `Metric`, `ThingType` or `ThingTypeVersion`. */
export const definitionType = oneOf('definitionType', definitionTypes);

/** Id of a definition; its prefix names the definition type. */
export const definitionId: SegmentKind = {
  name: 'definitionId',
  expected: 'an id of a definition (mdef_…, tdefi_… or tdef_…)',
  read: (literal) => (definitionTypeOf(literal) === undefined ? undefined : literal),
};

/** UUID of a monitor. */
export const monitorId = uuid('monitorId');

/** UUID of an organization. */
export const orgId = uuid('orgId');

/** The public part of an API key: 12 base62 characters. */
export const keyId = matching('keyId', /^[0-9A-Za-z]{12}$/, 'an id of a key: 12 letters and digits');

/** Whether a text is an id of a thing type, and not a display name. */
export function isThingTypeId(text: string): boolean {
  return definitionTypeOf(text) === 'ThingType';
}
