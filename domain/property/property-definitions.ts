import type { PropertyDefinition, PropertyValueType } from '../../db/tables/definitions.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { requirePrintableName } from '../definition/printable-name.js';
import { optionalText } from '../input/text.js';
import { type PropertyConstraintsInput, requireConstraints } from './property-constraints.js';

/** Properties of one version at most. */
const maxDefinitions = 200;
/** Bytes of JSON of all of them at most: versions are read by the page. */
const maxBytes = 64 * 1024;

/** A definition as an input gives it: null is as good as absent. */
export interface PropertyDefinitionInput {
  readonly name: string;
  readonly valueType: PropertyValueType;
  readonly description?: string | null | undefined;
  readonly unit?: string | null | undefined;
  readonly constraints?: PropertyConstraintsInput | null | undefined;
}

/**
 * The property definitions of a version: at most 200 and 64 KiB of JSON, each name once.
 * @throws BulkheadError BAD_USER_INPUT that names the first fault
 */
export function requirePropertyDefinitions(
  field: string,
  inputs: readonly PropertyDefinitionInput[],
): PropertyDefinition[] {
  if (inputs.length > maxDefinitions) throw invalidInput(field, `must have at most ${maxDefinitions} entries`);
  const names = new Set<string>();
  const definitions = inputs.map((input, index) => {
    const definition = requireDefinition(`${field}[${index}]`, input);
    if (names.has(definition.name))
      throw invalidInput(`${field}[${index}].name`, 'repeats the name of an earlier entry');
    names.add(definition.name);
    return definition;
  });
  if (Buffer.byteLength(JSON.stringify(definitions)) > maxBytes) {
    throw invalidInput(field, `must be at most ${maxBytes / 1024} KiB of JSON`);
  }
  return definitions;
}

function requireDefinition(field: string, input: PropertyDefinitionInput): PropertyDefinition {
  // As a key of an object it would name the prototype.
  if (input.name === '__proto__') throw invalidInput(`${field}.name`, 'is reserved');
  const description = optionalText(`${field}.description`, input.description, { min: 0, max: 500 });
  const unit = optionalText(`${field}.unit`, input.unit, { min: 0, max: 50 });
  return {
    name: requirePrintableName(`${field}.name`, input.name),
    valueType: input.valueType,
    ...(description === null || description === undefined ? {} : { description }),
    ...(unit === null || unit === undefined ? {} : { unit }),
    constraints: requireConstraints(`${field}.constraints`, input.valueType, input.constraints ?? {}),
  };
}
