import { invalidInput } from '../../errors/bulkhead-error.js';

/** Values of properties by name. */
export type Properties = Readonly<Record<string, unknown>>;

/** What an input says about the properties of a thing: names to set, names to delete. */
export interface PropertiesChange {
  readonly set?: Properties | null | undefined;
  readonly remove?: readonly string[] | null | undefined;
}

/**
 * The properties after a change, not yet validated against the type; undefined if the input changes none, so that what
 * was valid when it was set is left alone.
 * @throws BulkheadError BAD_USER_INPUT for a name that is both set and deleted
 */
export function mergeProperties(field: string, before: Properties, change: PropertiesChange): Properties | undefined {
  const set = Object.entries(change.set ?? {});
  const removed = new Set(change.remove ?? []);
  if (set.length === 0 && removed.size === 0) return undefined;
  if (set.some(([name]) => removed.has(name))) throw invalidInput(field, 'the same name is set and deleted');
  const kept = Object.entries(before).filter(([name]) => !removed.has(name));
  return Object.fromEntries([...kept, ...set]);
}
