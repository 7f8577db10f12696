import type { IntegrationRow } from '../../db/tables/things.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { boundedMap, requireName } from '../input/attributes.js';
import { requireText } from '../input/text.js';

/** Settings of an integration: each name holds a list of texts. */
export type Settings = IntegrationRow['properties'];

/** Texts of one name at most. */
const maxTexts = 100;

/** What an input says about settings: names to set, names to delete. */
export interface SettingsChange {
  readonly set?: Readonly<Record<string, unknown>> | null | undefined;
  readonly remove?: readonly string[] | null | undefined;
}

/**
 * The settings after a change: entries of `set` added or overwritten, names of `remove` deleted.
 * @throws BulkheadError BAD_USER_INPUT for a bad name or list, a name in both, or settings that grow beyond 100 names or
 * 16 KiB
 */
export function changeSettings(field: string, before: Settings, change: SettingsChange): Settings {
  const set = Object.entries(change.set ?? {}).map(
    ([name, value]) => [requireName(field, name), requireTexts(`${field}.${name}`, value)] as const,
  );
  const removed = new Set(change.remove ?? []);
  if (set.some(([name]) => removed.has(name))) throw invalidInput(field, 'the same name is set and deleted');
  const kept = Object.entries(before).filter(([name]) => !removed.has(name));
  return boundedMap(field, Object.fromEntries([...kept, ...set]));
}

function requireTexts(field: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw invalidInput(field, 'must be a list of texts');
  if (value.length > maxTexts) throw invalidInput(field, `must have at most ${maxTexts} entries`);
  return value.map((text: unknown, index) => {
    if (typeof text !== 'string') throw invalidInput(`${field}[${index}]`, 'must be a text');
    return requireText(`${field}[${index}]`, text, { max: 1000 });
  });
}
