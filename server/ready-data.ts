import type { FormattedExecutionResult } from 'graphql';

/** An object of root fields that are all null, as JSON text: names of GraphQL need no escapes. */
const onlyNulls = /^\s*\{(?:[\s,]*"\w+"\s*:\s*null)*\s*\}\s*$/;

/**
 * `data` of an answer that a store has already written as the JSON text of an object of root fields. It stands where
 * graphql-js puts its object, goes out byte for byte, and is neither parsed nor checked on the way.
 */
export class ReadyData {
  /** To let it stand for the object that it is the text of; there are no fields to read here. */
  readonly [field: string]: unknown;
  readonly json: string | Buffer;

  constructor(json: string | Buffer) {
    this.json = json;
  }
}

/** The root fields of `data` where all of them are null; undefined where one has a value. */
export function nullFields(data: Readonly<Record<string, unknown>>): string[] | undefined {
  if (data instanceof ReadyData) {
    const text = data.json.toString();
    return onlyNulls.test(text) ? Object.keys(JSON.parse(text)) : undefined;
  }
  const names = Object.keys(data);
  return names.every((name) => data[name] === null) ? names : undefined;
}

/**
 * Writes an answer as JSON: errors, data, extensions, in the order of Apollo, with a line break at the end for terminals.
 * @returns a Buffer where ready data is one; Apollo has no type for that and hands on to the route what it is given here
 */
export function writeAnswer(answer: FormattedExecutionResult): string {
  const { errors, data, extensions } = answer;
  if (!(data instanceof ReadyData)) return `${JSON.stringify(answer)}\n`;
  const before = errors === undefined ? '{"data":' : `{"errors":${JSON.stringify(errors)},"data":`;
  const after = extensions === undefined ? '}\n' : `,"extensions":${JSON.stringify(extensions)}}\n`;
  const { json } = data;
  if (typeof json === 'string') return before + json + after;
  return Buffer.concat([Buffer.from(before), json, Buffer.from(after)]) as unknown as string;
}
