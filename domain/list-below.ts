import { eq } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { ListQuery } from './read-page.js';

/**
 * The part of a list whose rows name one owner, e.g. the things of a place.
 * @param owner column of the list's table that names the owner
 */
export function listBelow(list: ListQuery, owner: PgColumn, ownerId: string): ListQuery {
  return { ...list, name: nameBelow(list, owner, ownerId), conditions: [eq(owner, ownerId), ...list.conditions] };
}

/** Its name, which cursors are bound to. */
export function nameBelow(list: ListQuery, owner: PgColumn, ownerId: string): string {
  return `${list.name}:${owner.name}:${ownerId}`;
}
