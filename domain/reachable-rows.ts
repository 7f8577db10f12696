import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { validate } from 'uuid';
import type { Identity } from '../auth/identity.js';
import type { Noun } from '../auth/scopes/noun.js';
import { reachableValues } from '../auth/scopes/reachable-values.js';
import { arrayLiteral } from '../db/array-literal.js';
import { metricDefinitions, thingTypes, thingTypeVersions } from '../db/tables/definitions.js';
import { places } from '../db/tables/places.js';
import { templateRevisions, templates } from '../db/tables/templates.js';
import { integrations, things } from '../db/tables/things.js';

/** A column whose values stand at a place of the paths of its rows. */
interface PathColumn {
  readonly column: PgColumn;
  readonly place: number;
}

/** How the paths of a table's rows are made of its columns; of several columns the first that helps is taken. */
interface PathColumns {
  readonly noun: Noun;
  readonly fixed?: { readonly place: number; readonly value: string };
  readonly columns: readonly PathColumn[];
}

const definition = (value: string, column: PgColumn): PathColumns => ({
  noun: 'DEFINITION',
  fixed: { place: 1, value },
  columns: [{ column, place: 2 }],
});

const pathColumns = new Map<PgTable, PathColumns>([
  [places, { noun: 'PLACE', columns: [{ column: places.id, place: 2 }] }],
  [
    things,
    {
      noun: 'THING',
      columns: [
        { column: things.id, place: 5 },
        { column: things.placeId, place: 2 },
        { column: things.thingTypeId, place: 4 },
      ],
    },
  ],
  [metricDefinitions, definition('Metric', metricDefinitions.id)],
  [thingTypes, definition('ThingType', thingTypes.id)],
  [thingTypeVersions, definition('ThingTypeVersion', thingTypeVersions.id)],
  [templates, { noun: 'TEMPLATE', columns: [{ column: templates.id, place: 2 }] }],
  [templateRevisions, { noun: 'TEMPLATE', columns: [{ column: templateRevisions.templateId, place: 2 }] }],
  [integrations, { noun: 'INTEGRATION', columns: [{ column: integrations.id, place: 3 }] }],
]);

/**
 * A condition that every row which the identity may read meets, and that an index answers; undefined where its scopes
 * give none. It decides nothing: row-level security does. It spares a key for a few rows the look at all the others.
 */
export function reachableRows({ grants }: Pick<Identity, 'grants'>, table: PgTable): SQL | undefined {
  let known = conditions.get(grants);
  if (known === undefined) {
    known = new Map();
    conditions.set(grants, known);
  }
  if (!known.has(table)) known.set(table, conditionOf(grants, table));
  return known.get(table);
}

/** Conditions of scopes that are in use. */
const conditions = new WeakMap<Identity['grants'], Map<PgTable, SQL | undefined>>();

function conditionOf(grants: Identity['grants'], table: PgTable): SQL | undefined {
  const paths = pathColumns.get(table);
  for (const { column, place } of paths?.columns ?? []) {
    const values = paths && reachableValues(grants, paths.noun, place, paths.fixed);
    if (values === undefined) continue;
    const isUuid = column.getSQLType() === 'uuid';
    const ids = arrayLiteral(isUuid ? values.filter((value) => validate(value)) : values);
    return isUuid ? sql`${column} = any(${ids}::uuid[])` : sql`${column} = any(${ids}::text[])`;
  }
  return undefined;
}

/** Which tables an identity's scopes narrow, by which columns: what decides the text of its statements. */
export function reachShape(identity: Pick<Identity, 'grants'>): string {
  return [...pathColumns]
    .map(([, { noun, fixed, columns }]) =>
      columns.findIndex(({ place }) => reachableValues(identity.grants, noun, place, fixed) !== undefined),
    )
    .join(' ');
}
