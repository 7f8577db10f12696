import { isDeeperThan, maxJsonDepth } from '../../telemetry/coerce-json.js';
import type { MappedField, Mapping } from './mapping.js';
import { readTimestamp } from './read-timestamp.js';
import type { HandlerAnswer } from './run-handler.js';

const metricId = /^mdef_[0-9a-z]{26}$/;
/** Characters of a name that is no id of a metric that are shown. */
const maxShownName = 100;

/**
 * Reads what a handler answered, which may be anything, into records and a report.
 * @throws BulkheadError BAD_USER_INPUT for an answer with more than one call takes
 */
export function mapAnswer(answer: HandlerAnswer, mapping: Mapping): void {
  if ('reason' in answer) {
    mapping.skip(null, answer.reason, answer.detail);
    return;
  }
  const records: unknown = JSON.parse(answer.text);
  if (!Array.isArray(records)) {
    mapping.skip(null, 'the handler answered no list');
    return;
  }
  mapping.expect(records.length);
  if (isDeeperThan(records, maxJsonDepth)) {
    mapping.skip(null, `the answer of the handler nests deeper than ${maxJsonDepth} levels`);
    return;
  }
  for (const [index, record] of records.entries()) mapEntry(index, record, mapping);
}

function mapEntry(index: number, record: unknown, mapping: Mapping): void {
  const { timestamp, metrics, ...others } = objectOf(record) ?? {};
  const values = objectOf(metrics);
  if (values === undefined || Object.keys(others).length > 0) {
    mapping.skip(index, 'is not an object {timestamp, metrics}', record);
    return;
  }
  const isNumeral = typeof timestamp !== 'string' || /^[+-]?[0-9.]+$/.test(timestamp);
  const moment = readTimestamp(isNumeral ? 'EPOCH_MILLIS' : 'ISO8601', timestamp);
  if ('reason' in moment) {
    mapping.skip(index, moment.reason, timestamp);
    return;
  }
  const fields = Object.entries(values).flatMap(([name, value]) => fieldOf(name, value, mapping));
  if (fields.length === 0) mapping.skip(index, 'has no value');
  else mapping.add({ index, timestampMs: moment.timestampMs, fields });
}

/** What PostgreSQL can keep as JSON: well-formed, without NUL. */
function shownName(name: string): string {
  return name.slice(0, maxShownName).toWellFormed().replaceAll('\0', '\ufffd');
}

function fieldOf(name: string, value: unknown, mapping: Mapping): MappedField[] {
  if (!metricId.test(name)) {
    mapping.invalid(shownName(name), 'is no id of a metric, mdef_…');
    return [];
  }
  if (value === null) {
    mapping.missing(name);
    return [];
  }
  const oversize = mapping.oversize(value);
  if (oversize === undefined) return [{ metricId: name, value }];
  mapping.invalid(name, oversize);
  return [];
}

/** An object as `JSON.parse` makes it; a name such as `__proto__` is one like others there. */
function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
}
