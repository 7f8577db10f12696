import { customType, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { arrayLiteral, parseTextArray } from '../array-literal.js';

/** Moment with time zone, as a Date. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Bytes. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });

/** Texts; drizzle's own reader of arrays loses backslashes. */
export const textArray = customType<{ data: string[]; driverData: string }>({
  dataType: () => 'text[]',
  toDriver: arrayLiteral,
  fromDriver: parseTextArray,
});

/** The organization that a row belongs to: first in every key. */
export const orgId = () => uuid('org_id').notNull();

/** When and by whom a row was made and last changed. */
export const history = () => ({
  createdAt: moment('created_at').notNull().defaultNow(),
  createdBy: text('created_by').notNull(),
  updatedAt: moment('updated_at'),
  updatedBy: text('updated_by'),
});

/** When and by whom a definition was soft-deleted. */
export const softDelete = () => ({
  deletedAt: moment('deleted_at'),
  deletedBy: text('deleted_by'),
});
