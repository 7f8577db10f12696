import type { GraphqlAnswer, GraphqlClient } from '../../support/graphql-client.js';
import type { Known, Seed } from '../seed.js';
import { ghostOf, idsAndNamesOf, idsOf, pathsOf, type Value } from './known.js';
import { Mark } from './marks.js';
import { type Operation, operationOf } from './operation.js';
import { type Args, type Coordinate, isCursor, onlyRequiredAnd, positionsOf, replaceAt, valueAt } from './positions.js';
import { samples } from './samples.js';

/** Who attacks whom. */
export interface Sides {
  /** The organization whose key makes every call, which may do everything in it. */
  readonly own: Seed;
  /** The organization that must not be reached. */
  readonly other: Seed;
  /** The key of `own` at the gateway under attack. */
  readonly client: GraphqlClient;
}

/** With how many values each place is attacked. */
export interface Thoroughness {
  /** `all`: every id and name; `counterpart`: the one that is to the other what the own value is to us. */
  readonly values: 'all' | 'counterpart';
}

/** Calls at a time: more only wait for a connection. */
const parallel = 6;

/** Places of a coordinate that no sample fills, or whose text is not marked; empty when the sweep covers it. */
export async function uncovered(coordinate: Coordinate, own: Seed): Promise<string[]> {
  const filled = await Promise.all((samples[coordinate.name] ?? []).map(async (sample) => (await sample(own))()));
  if (filled.length === 0) return [`${coordinate.name} has no sample`];
  return positionsOf(coordinate).flatMap(({ path, scalar }) => {
    if (isCursor(coordinate, path)) return [];
    const values = filled.map((args) => valueAt(args, path)).filter((value) => value !== undefined);
    if (values.length === 0) return [`${coordinate.name}(${path}) is in no sample`];
    const isDecided = scalar === 'ID' || values.every((value) => value instanceof Mark || value === null);
    return isDecided ? [] : [`${coordinate.name}(${path}) is not marked`];
  });
}

/**
 * Calls a coordinate as `own` with values of `other` in every place that can carry an id, each time beside the same call
 * with a value that never was. Answers what was wrong: nothing of `other` may be in an answer, and the two answers may
 * not differ.
 */
export async function attack(coordinate: Coordinate, sides: Sides, thoroughness: Thoroughness): Promise<string[]> {
  const { own, client } = sides;
  const faults: string[] = [];
  for (const sample of samples[coordinate.name] ?? []) {
    const makeArgs = await sample(own);
    for (const { path } of positionsOf(coordinate)) {
      if (isCursor(coordinate, path) || !isAttackable(valueAt(makeArgs(), path))) continue;
      faults.push(...(await attackPlace(coordinate, sides, makeArgs, path, thoroughness)));
    }
    // Last, because it uses up what it deletes.
    faults.push(...(await control(coordinate, client, own, makeArgs())));
  }
  return faults;
}

const isAttackable = (value: unknown) => value !== undefined && value !== null;

async function attackPlace(
  coordinate: Coordinate,
  { own, other, client }: Sides,
  makeArgs: () => Args,
  path: string,
  { values }: Thoroughness,
): Promise<string[]> {
  const faults: string[] = [];
  const isQuery = coordinate.type !== 'Mutation';
  const args = () => (isQuery ? onlyRequiredAnd(coordinate, makeArgs(), path) : makeArgs());
  const send = (sent: Args) => ask(client, operationOf(coordinate, own, sent));
  const at = `${coordinate.name}(${path})`;
  if (isQuery) faults.push(...(await control(coordinate, client, own, args(), path)));

  const ghost = ghostOf(other);
  const expected = new Map<string, Promise<Shown>>();
  const foreign = valuesFor(valueAt(makeArgs(), path), own, other, values);
  const ghosts = new Map(valuesFor(valueAt(makeArgs(), path), own, ghost, values, other).map((v) => [v.name, v]));
  const attackWith = async ({ name, value, form }: Value) => {
    const twin = ghosts.get(name)!;
    if (!expected.has(form)) {
      expected.set(
        form,
        send(replaceAt(args(), path, twin.value)).then((answer) => shownOf(answer, twin.value, own)),
      );
    }
    const never = await expected.get(form)!;
    const answer = await send(replaceAt(args(), path, value));
    const shown = shownOf(answer, value, own);
    const leaks = leaksOf(answer, other, value);
    if (leaks.length > 0) faults.push(`${at} = ${name} shows ${leaks.join(', ')}: ${answer.text}`);
    if (JSON.stringify(shown) !== JSON.stringify(never)) {
      faults.push(`${at} = ${name} differs\n  ${JSON.stringify(shown)}\nfrom what never was\n  ${JSON.stringify(never)}`);
    }
  };
  for (let index = 0; index < foreign.length; index += parallel) {
    await Promise.all(foreign.slice(index, index + parallel).map(attackWith));
  }
  return faults;
}

/** What a place is attacked with. */
function valuesFor(
  place: unknown,
  own: Seed,
  other: Known,
  values: Thoroughness['values'],
  named: Known = other,
): Value[] {
  const all = allValuesFor(place, other);
  if (values === 'all' || all.length === 1) return all;
  const ownValue = place instanceof Mark && place.kind === 'keys' ? Object.keys(place.value as object)[0] : place;
  const ownText = ownValue instanceof Mark ? ownValue.value : ownValue;
  const counterpart = allValuesFor(place, own).find(({ value }) => value === ownText)?.name;
  const chosen = all.filter(({ name }) => name === counterpart);
  if (chosen.length > 0) return chosen;
  // Made for this sample, such as what will be deleted: one value of each form that this one could be of.
  const seen = new Set<string>();
  return allValuesFor(place, named).flatMap(({ name, form }) => {
    if (seen.has(form)) return [];
    seen.add(form);
    return all.filter((value) => value.name === name);
  });
}

function allValuesFor(place: unknown, known: Known): Value[] {
  if (!(place instanceof Mark)) return idsOf(known);
  if (place.kind === 'path') return pathsOf(known);
  if (place.kind === 'text') return [{ name: place.name, value: known.names[place.name], form: place.name }];
  return idsAndNamesOf(known);
}

/** An answer as far as it must be the same for what is foreign and for what never was. */
export interface Shown {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: unknown;
}

/** An answer without what differs from call to call: the value that was put in, new ids and secrets, moments, counts. */
export function shownOf(answer: GraphqlAnswer, value: string, own: Known): Shown {
  const known = new Set<string>([...Object.values(own.ids), ...Object.values(own.names)]);
  const keep = (pattern: RegExp, label: string) => (text: string) =>
    text.replace(pattern, (match, id?: string) => (known.has(id ?? match) ? match : label));
  const body = [
    (text: string) => text.replaceAll(value, '<value>'),
    keep(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>'),
    keep(/(?:mdef|tdefi|tdef)_[0-9a-z]{26}/g, '<definition>'),
    keep(/"bh(?:ex|ad)_[^"]*"/g, '"<secret>"'),
    keep(/"(?:endCursor|cursor)":"[^"]*"/g, '"<cursor>"'),
    keep(/"([0-9A-Za-z]{12})"/g, '"<key>"'),
    keep(/"(?:version|latestVersionNumber)":\d+/g, '"<number>"'),
    keep(/"(?:updatedAt|updatedBy|rotatedAt)":(?:null|"[^"]*")/g, '"<change>"'),
    keep(/"\d{4}-\d\d-\d\dT[^"]*"/g, '"<moment>"'),
  ].reduce((text, step) => step(text), answer.text);
  return { status: answer.status, headers: [...answer.headers.keys()].sort(), body };
}

/** What of another organization stands in an answer, beside the value that was put in. */
export function leaksOf(answer: GraphqlAnswer, other: Seed, value?: string): string[] {
  const headers = [...answer.headers].map(([name, content]) => `${name}: ${content}`).join('\n');
  const seen = [answer.text, headers].map((text) => (value === undefined ? text : text.replaceAll(value, ''))).join('\n');
  const secrets = { canary: other.canary, secret: other.secretValue, key: other.client.key ?? '' };
  return Object.entries({ ...secrets, ...other.ids })
    .filter(([, text]) => seen.includes(text))
    .map(([name]) => name);
}

/** The positive control: the call with own values has to succeed, and a list to find something. */
async function control(coordinate: Coordinate, client: GraphqlClient, own: Seed, args: Args, path?: string) {
  const operation = operationOf(coordinate, own, args);
  const answer = await ask(client, operation);
  const found = foundIn(answer, operation);
  if (answer.errors.length === 0 && !isEmpty(found)) return [];
  const what = path === undefined ? coordinate.name : `${coordinate.name}(${path})`;
  return [`${what}: the call with own values finds nothing: ${answer.status} ${answer.text}`];
}

/** Sends an operation. */
export function ask(client: GraphqlClient, { document, variables }: Operation): Promise<GraphqlAnswer> {
  return client.send(document, variables);
}

/** The value of the field that an operation asks for. */
export function foundIn(answer: GraphqlAnswer, { path }: Operation): unknown {
  return path.reduce<unknown>((data, step) => (data as Record<string, unknown> | null | undefined)?.[step], answer.data);
}

function isEmpty(found: unknown): boolean {
  if (found === null || found === undefined) return true;
  if (Array.isArray(found)) return found.length === 0;
  const { nodes } = found as { nodes?: unknown };
  return Array.isArray(nodes) && nodes.length === 0;
}
