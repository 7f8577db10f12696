import type { PropertyDefinition } from '../../db/tables/definitions.js';
import { BulkheadError, type InputFault, invalidInput } from '../../errors/bulkhead-error.js';
import { readPropertyValue } from './read-property-value.js';

/** Bytes of JSON of the whole map at most. */
const maxMapBytes = 16 * 1024;

const tooLarge = 'must be at most 16 KiB of JSON';

/** Faults reported at most. */
const maxFaults = 100;

/** Names that may stand in the path of a fault: those that a definition could have. */
const printableName = /^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}]{1,100}$/u;

/**
 * The properties of a thing in canonical form, checked against the definitions of its type version. Canonical values
 * pass again unchanged, so a map can be checked whole after a change to some of it.
 * @param field path of the map in the caller's input, e.g. `input.properties`
 * @throws BulkheadError BAD_USER_INPUT with all faults (100 at most) in `errors`: unknown and missing properties, values
 * of another type or outside the constraints (see `readPropertyValue`); or a map of more than 16 KiB
 */
export function validateProperties(
  field: string,
  definitions: readonly PropertyDefinition[],
  properties: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  // Before any pattern is tried: a character has at least one byte, so what is refused here is refused below too.
  if (textLength(properties) > maxMapBytes) throw invalidInput(field, tooLarge);
  const faults: InputFault[] = [];
  const accepted: [string, unknown][] = [];
  for (const [name, value] of Object.entries(properties)) {
    const definition = byName.get(name);
    const reading = definition ? readPropertyValue(definition, value) : { reason: 'is not a property of the type' };
    if ('value' in reading) accepted.push([name, reading.value]);
    else faults.push({ field: printableName.test(name) ? `${field}.${name}` : field, reason: reading.reason });
  }
  for (const { name, constraints } of definitions) {
    if (constraints.required && !Object.hasOwn(properties, name)) {
      faults.push({ field: `${field}.${name}`, reason: 'is required' });
    }
  }
  refuseFaults(faults);
  const map = Object.fromEntries(accepted);
  if (Buffer.byteLength(JSON.stringify(map)) > maxMapBytes) throw invalidInput(field, tooLarge);
  return map;
}

function textLength(properties: Readonly<Record<string, unknown>>): number {
  return Object.values(properties).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 0),
    0,
  );
}

function refuseFaults(faults: readonly InputFault[]): void {
  const [first] = faults;
  if (first === undefined) return;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  throw new BulkheadError('BAD_USER_INPUT', `${first.field}: ${first.reason}${more}`, {
    field: first.field,
    errors: faults.slice(0, maxFaults),
  });
}
