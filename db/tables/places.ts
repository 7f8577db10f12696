import { doublePrecision, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { history, orgId, textArray } from './columns.js';
import { app } from './organizations.js';

/** Free metadata: values are text, numbers or booleans. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Places: sites and fleets. */
export const places = app.table(
  'places',
  {
    orgId: orgId(),
    id: uuid('id').notNull(),
    placeType: text('place_type', { enum: ['Site', 'Fleet'] }).notNull(),
    name: text('name').notNull(),
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    address: text('address'),
    attributes: jsonb('attributes').$type<Attributes>().notNull().default({}),
    preferredDisplayMetricIds: textArray('preferred_display_metric_ids').notNull().default([]),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** Types that the levels of a site may have. */
export const levelTypes = app.table(
  'level_types',
  {
    orgId: orgId(),
    siteId: uuid('site_id').notNull(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** Which level types may be parents of a level type. */
export const levelTypeParents = app.table(
  'level_type_parents',
  {
    orgId: orgId(),
    siteId: uuid('site_id').notNull(),
    levelTypeId: uuid('level_type_id').notNull(),
    parentTypeId: uuid('parent_type_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.levelTypeId, table.parentTypeId] })],
);

/** The levels of sites, each a tree below one root. */
export const levels = app.table(
  'levels',
  {
    orgId: orgId(),
    siteId: uuid('site_id').notNull(),
    id: uuid('id').notNull(),
    levelTypeId: uuid('level_type_id').notNull(),
    parentId: uuid('parent_id'),
    name: text('name').notNull(),
    description: text('description'),
    address: text('address'),
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    altitude: doublePrecision('altitude'),
    attributes: jsonb('attributes').$type<Attributes>().notNull().default({}),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** Named sets of levels of one site. */
export const levelGroups = app.table(
  'level_groups',
  {
    orgId: orgId(),
    siteId: uuid('site_id').notNull(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** Levels of level groups. */
export const levelGroupMembers = app.table(
  'level_group_members',
  {
    orgId: orgId(),
    siteId: uuid('site_id').notNull(),
    levelGroupId: uuid('level_group_id').notNull(),
    levelId: uuid('level_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.levelGroupId, table.levelId] })],
);

/** A row of `app.places`. */
export type PlaceRow = typeof places.$inferSelect;
/** A row of `app.level_types`. */
export type LevelTypeRow = typeof levelTypes.$inferSelect;
/** A row of `app.levels`. */
export type LevelRow = typeof levels.$inferSelect;
/** A row of `app.level_groups`. */
export type LevelGroupRow = typeof levelGroups.$inferSelect;
