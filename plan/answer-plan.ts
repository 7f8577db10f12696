import { type FieldNode, GraphQLError } from 'graphql';
import { type RawRow, readWithOrg } from '../db/read-with-org.js';
import { encodeCursor } from '../domain/cursor.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { answerTelemetry } from './answer-telemetry.js';
import type { Binding } from './binding.js';
import { type HoledText, hole, holeStart, splitAtHoles } from './hole.js';
import { locateHoles } from './locate-holes.js';
import { openPlanned } from './open-planned.js';
import type { Variables } from './operation-scope.js';
import type { Plan } from './plan.js';
import { Unplannable } from './unplannable.js';

/** The answer of a planned operation. */
export interface PlannedAnswer {
  /** JSON of `data`. */
  readonly json: string | Buffer;
  readonly errors: readonly GraphQLError[];
}

/** An error that a hole refers to. */
interface HoleError {
  readonly error: Error;
  readonly nodes: readonly FieldNode[];
}

/**
 * Answers one request of a planned operation.
 * @throws Unplannable where this request is left to the resolvers
 * @throws BulkheadError for arguments that the domain refuses
 */
export async function answerPlan(plan: Plan, context: RequestContext, variables: Variables): Promise<PlannedAnswer> {
  const binding = bind(plan, context, variables);
  if (plan.text === undefined) return finish(plan, plan.constant ?? '{}', []);
  const params = plan.parameters.map((parameter) => parameter(binding));
  let row: RawRow | undefined;
  try {
    const [rows] = await readWithOrg(context.operational, context.identity, [{ text: plan.text, params }]);
    row = rows?.[0];
  } catch (error) {
    return failed(plan, error);
  }
  const body = row?.[0];
  if (row === undefined || body === undefined || body === null)
    throw new Unplannable('no answer', { isOfRequest: true });
  if (!body.includes(holeStart)) return { json: body, errors: [] };
  try {
    return await fill(plan, row, body.toString('utf8'), context, binding);
  } catch (error) {
    // What the caller may hear of, the resolvers tell field by field.
    if (error instanceof Unplannable || error instanceof BulkheadError) throw error;
    return failed(plan, error);
  }
}

function bind({ lists }: Plan, { identity, operational }: RequestContext, variables: Variables): Binding {
  const key = { key: operational.cursorKey, orgId: identity.orgId };
  return { orgId: identity.orgId, variables, lists: lists.map((list) => list.bind(key, variables, identity)) };
}

/** The statement failed: so did each of the root fields. */
function failed({ fields }: Plan, error: unknown): PlannedAnswer {
  const named = fields.filter(({ name }) => name !== '__typename');
  const members = fields.map(({ key, name }) => `"${key}":${name === '__typename' ? '"Query"' : 'null'}`);
  return {
    json: `{${members.join(',')}}`,
    errors: named.map(({ key, nodes }) => errorAt({ error: toError(error), nodes }, [key])),
  };
}

async function fill(
  plan: Plan,
  row: RawRow,
  body: string,
  context: RequestContext,
  binding: Binding,
): Promise<PlannedAnswer> {
  const answer = splitAtHoles(body);
  const errors: HoleError[] = [];
  const telemetry = plan.telemetry.length === 0 ? [] : await telemetryOf(plan, row, answer, context, binding, errors);
  let json = answer.texts[0] ?? '';
  answer.holes.forEach(({ kind, content }, index) => {
    if (kind === 'C') json += cursorOf(plan, content, context, binding);
    else if (kind === 'T' || kind === 'P') json += telemetry[index] ?? 'null';
    else json += hole(kind, content);
    json += answer.texts[index + 1] ?? '';
  });
  return finish(plan, json, errors);
}

/** JSON of a cursor. */
function cursorOf(plan: Plan, content: string, { identity, operational }: RequestContext, binding: Binding): string {
  const [number, ownerId = '', rowId = ''] = content.split(':');
  const list = plan.lists[Number(number)];
  const bound = binding.lists[Number(number)];
  if (list === undefined || bound === undefined) throw new Error('a cursor of no list');
  const key = { key: operational.cursorKey, orgId: identity.orgId };
  return `"${encodeCursor(list.scopeOf(key, bound, ownerId), rowId)}"`;
}

/** What fills the holes of telemetry, by number of the hole; errors among them are holes again. */
async function telemetryOf(
  plan: Plan,
  row: RawRow,
  { holes }: HoledText,
  context: RequestContext,
  binding: Binding,
  errors: HoleError[],
): Promise<string[]> {
  const filled: string[] = [];
  const ofField = plan.telemetry.map((): { index: number; thing: string }[] => []);
  const things = new Map<string, string>();
  holes.forEach(({ kind, content }, index) => {
    if (kind !== 'T' && kind !== 'P') return;
    const end = content.indexOf(':');
    const thing = content.slice(end + 1);
    ofField[Number(content.slice(0, end))]?.push({ index, thing });
    for (const [id, version] of thingsOf(kind, thing)) things.set(version, id);
  });
  const telemetry = await openPlanned(context, row, things);
  for (const version of things.keys()) {
    // Its metrics are asked for by one of its things, which may have been deleted since.
    if (!telemetry.metricsOf.has(version)) throw new Unplannable('a version without metrics', { isOfRequest: true });
  }
  const reads = plan.telemetry.map(async (field, number) => {
    const asked = ofField[number] ?? [];
    if (asked.length === 0) return;
    const args = field.argumentsOf(binding.variables);
    const answers = await answerTelemetry(
      { context, telemetry, field, args },
      asked.map(({ thing }) => thing),
    );
    answers.forEach((found, position) => {
      const { index } = asked[position] ?? { index: 0 };
      if ('json' in found) filled[index] = found.json;
      else {
        errors.push({ error: toError(found.error), nodes: field.nodes });
        filled[index] = hole('E', `+${errors.length - 1}`);
      }
    });
  });
  await Promise.all(reads);
  return filled;
}

/** Ids and versions of the things that a hole names. */
function thingsOf(kind: 'T' | 'P', content: string): (readonly [id: string, version: string])[] {
  if (content === '') return [];
  return (kind === 'T' ? [content] : content.split(',')).map((thing) => {
    const [id = '', version = ''] = thing.split(kind === 'T' ? ':' : '/');
    return [id, version];
  });
}

/** Replaces what stands for errors by null. */
function finish(plan: Plan, json: string, found: readonly HoleError[]): PlannedAnswer {
  if (!json.includes(holeStart)) return { json, errors: [] };
  const errors = locateHoles(json).map(({ kind, content, path }) => {
    if (kind !== 'E') throw new Unplannable('a row that must be there', { isOfRequest: true });
    const planned = plan.errors[Number(content)];
    const error = content.startsWith('+')
      ? found[Number(content.slice(1))]
      : planned && { error: new BulkheadError(planned.code, planned.message), nodes: planned.nodes };
    if (error === undefined) throw new Error('a hole of no error');
    return errorAt(error, path);
  });
  return { json: splitAtHoles(json).texts.join('null'), errors };
}

function errorAt({ error, nodes }: HoleError, path: readonly (string | number)[]): GraphQLError {
  return new GraphQLError(error.message, { nodes, path, originalError: error });
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
