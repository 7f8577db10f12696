import { validate } from 'uuid';
import { BulkheadError, type InputFault, invalidInput } from '../../errors/bulkhead-error.js';
import { type CatalogEntry, schemes, type ValueFormat } from '../../integrations/catalog.js';
import { type EgressPolicy, urlComplaint } from '../../integrations/egress/egress-policy.js';
import { payloadComplaint } from '../../integrations/egress/payload.js';
import { parseJsonPointer } from '../../integrations/templates/json-pointer.js';
import type { Settings } from './change-settings.js';

/**
 * Refuses settings that do not fit the type: unknown ones, missing ones, texts of the wrong form, a change of what is
 * final. Types that are not in the catalog take any settings.
 * @param before the settings of an integration that is there already
 * @throws BulkheadError BAD_USER_INPUT with every fault
 */
export function checkProperties(
  entry: CatalogEntry | undefined,
  policy: EgressPolicy,
  after: Settings,
  before?: Settings,
): void {
  if (entry === undefined) return;
  const field = (key: string) => `input.properties.${key}`;
  const known = entry.properties.map(({ key }) => key);
  const faults: InputFault[] = Object.keys(after)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      field: field(key),
      reason: `is no property of ${entry.direction} ${entry.type}: known are ${known.join(', ')}`,
    }));
  for (const { key, isRequired, isEditable, format, maxValues } of entry.properties) {
    const values = after[key] ?? [];
    const fault = (reason: string, index?: number) =>
      faults.push({ field: index === undefined ? field(key) : `${field(key)}[${index}]`, reason });
    if (isRequired && values.length === 0) fault('is required');
    if (values.length > maxValues) fault(`must have at most ${maxValues} ${maxValues === 1 ? 'text' : 'texts'}`);
    if (!isEditable && before !== undefined && JSON.stringify(before[key] ?? []) !== JSON.stringify(values)) {
      fault('is final');
    }
    values.forEach((value, index) => {
      const reason = complaints[format](value, policy);
      if (reason !== undefined) fault(reason, index);
    });
  }
  faults.push(...targetFaults(after).map((reason) => ({ field: field('templateId'), reason })));
  const [first] = faults;
  if (first === undefined) return;
  if (faults.length === 1) throw invalidInput(first.field, first.reason);
  throw new BulkheadError('BAD_USER_INPUT', `${first.field}: ${first.reason}, and ${faults.length - 1} more`, {
    errors: faults.slice(0, 100),
  });
}

const uuidComplaint = (value: string) => (validate(value) ? undefined : 'must be a UUID');

const complaints: Readonly<Record<ValueFormat, (value: string, policy: EgressPolicy) => string | undefined>> = {
  URL: (value, policy) => urlComplaint(policy, value),
  SCHEME: (value) => (schemes.some((scheme) => scheme === value) ? undefined : `must be ${schemes.join(' or ')}`),
  PAYLOAD_FIELD: payloadComplaint,
  TEMPLATE_ID: uuidComplaint,
  THING_ID: uuidComplaint,
  POINTER: (value) =>
    parseJsonPointer(value) === undefined ? 'must be a JSON Pointer, such as /data/object/id' : undefined,
};

/** Readings need a template and one way to their thing. */
function targetFaults(after: Settings): string[] {
  const has = (key: string) => (after[key] ?? []).length > 0;
  const ways = ['thingId', 'thingPointer'].filter(has).length;
  if (has('templateId') && ways !== 1) return ['needs either thingId or thingPointer beside it'];
  return !has('templateId') && ways > 0 ? ['is required beside thingId and thingPointer'] : [];
}
