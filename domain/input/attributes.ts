import { holdsInexactNumber, inexactNumberReason } from '../../db/inexact-number.js';
import type { Attributes } from '../../db/tables/places.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { requireText } from './text.js';

/** Names in one map at most. */
const maxNames = 100;
/** Bytes of JSON of one map at most. */
const maxBytes = 16 * 1024;

/** What an input says about a map: names to set, names to delete. */
export interface AttributeChange {
  readonly set?: Readonly<Record<string, unknown>> | null | undefined;
  readonly remove?: readonly string[] | null | undefined;
}

/**
 * The map after a change: entries of `set` added or overwritten, names of `remove` deleted.
 * @throws BulkheadError BAD_USER_INPUT for a bad name or value, a name in both, or a map that grows too large
 */
export function changeAttributes(field: string, before: Attributes, change: AttributeChange): Attributes {
  const set = Object.entries(change.set ?? {}).map(([name, value]) => [
    requireName(field, name),
    requireValue(`${field}.${name}`, value),
  ]);
  const removed = new Set(change.remove ?? []);
  for (const [name] of set) {
    if (removed.has(String(name))) throw invalidInput(field, 'the same name is set and deleted');
  }
  const kept = Object.entries(before).filter(([name]) => !removed.has(name));
  return boundedMap(field, Object.fromEntries([...kept, ...set]));
}

/** Refuses names that are empty, too long, or would reach the prototype of an object. */
export function requireName(field: string, name: string): string {
  if (name === '__proto__') throw invalidInput(field, 'contains a reserved name');
  return requireText(`${field} (name)`, name, { max: 100 });
}

/** Refuses a map of more than 100 names or 16 KiB. */
export function boundedMap<T extends object>(field: string, map: T): T {
  if (Object.keys(map).length > maxNames) throw invalidInput(field, `must have at most ${maxNames} names`);
  if (Buffer.byteLength(JSON.stringify(map)) > maxBytes) throw invalidInput(field, 'must be at most 16 KiB of JSON');
  return map;
}

function requireValue(field: string, value: unknown): string | number | boolean {
  if (typeof value === 'string') return requireText(field, value, { max: 1000 });
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (holdsInexactNumber(value)) throw invalidInput(field, inexactNumberReason);
    return value;
  }
  throw invalidInput(field, 'must be a text, a number or a boolean');
}
