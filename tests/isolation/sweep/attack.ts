import type { GraphqlAnswer, GraphqlClient } from '../../support/graphql-client.js';
import type { Known, Seed } from '../seed.js';
import { firstEvent } from './first-event.js';
import { formOf, idsAndNamesOf, idsOf, pathsOf, type Value } from './known.js';
import { Mark } from './marks.js';
import { type Operation, operationOf } from './operation.js';
import { type Args, type Coordinate, isCursor, onlyRequiredAnd, positionsOf, replaceAt, valueAt } from './positions.js';
import { type Sample, samples } from './samples.js';

/** Who attacks whom. */
export interface Sides {
  /** The organization whose key makes every call, which may do everything in it. */
  readonly own: Seed;
  /** The organization that must not be reached. */
  readonly other: Seed;
  /** What never was: has forms in common with `other`. One for a whole sweep, so that what stays of an attack is even. */
  readonly ghost: Known;
  /** The key of `own` at the gateway under attack. */
  readonly client: GraphqlClient;
}

/** Which places are attacked, and with how many values. */
export interface Thoroughness {
  /** Places that refer to rows, or texts that are stored. References come first: stored texts could be found by them. */
  readonly places: 'references' | 'texts';
  /** `all`: every id and name; `counterpart`: the one that is to the other what the own value is to us. */
  readonly values: 'all' | 'counterpart';
}

/** Calls at a time: more only wait for one of the ten connections of a gateway. */
const parallel = 10;

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
    const places = positionsOf(coordinate).filter(({ path }) => {
      const value = valueAt(makeArgs(), path);
      if (value === undefined || value === null || isCursor(coordinate, path)) return false;
      return isText(value) === (thoroughness.places === 'texts');
    });
    for (const { path } of places) {
      faults.push(...(await attackPlace(coordinate, sides, sample, path, thoroughness)));
    }
    if (thoroughness.places === 'texts') continue;
    faults.push(...(await control(coordinate, client, own, makeArgs())));
  }
  return faults;
}

const isText = (value: unknown) => value instanceof Mark && value.kind === 'text';

async function attackPlace(
  coordinate: Coordinate,
  sides: Sides,
  sample: Sample,
  path: string,
  { places, values }: Thoroughness,
): Promise<string[]> {
  const { own, other, ghost, client } = sides;
  const faults: string[] = [];
  const isQuery = coordinate.type !== 'Mutation';
  const makeArgs = await sample(own);
  const args = async () => {
    // A text is stored, so each call gets a row of its own to store it in.
    const made = places === 'texts' ? (await sample(own))() : makeArgs();
    return isQuery ? onlyRequiredAnd(coordinate, made, path) : made;
  };
  const sendWith = async (value: string) =>
    ask(client, operationOf(coordinate, own, replaceAt(await args(), path, value)));
  if (isQuery) faults.push(...(await control(coordinate, client, own, await args(), path)));

  const place = valueAt(makeArgs(), path);
  const twins = new Map(allValuesFor(place, ghost).map((twin) => [twin.name, twin.value]));
  const never = new Map<string, Promise<Shown>>();
  const attackWith = async ({ name, value, form }: Value) => {
    const twin = twins.get(name) ?? '';
    if (!never.has(form))
      never.set(
        form,
        sendWith(twin).then((answer) => shownOf(answer, twin, own)),
      );
    const expected = JSON.stringify(await never.get(form));
    const answer = await sendWith(value);
    const shown = JSON.stringify(shownOf(answer, value, own));
    const leaks = leaksOf(answer, other, value);
    const attempt = `${coordinate.name}(${path} = ${name})`;
    if (leaks.length > 0) faults.push(`${attempt} shows ${leaks.join(', ')}: ${answer.text}`);
    if (shown !== expected) faults.push(`${attempt} answers\n${shown}\nand not, as for what never was,\n${expected}`);
  };
  const foreign = values === 'all' ? allValuesFor(place, other) : counterpartsOf(place, own, other);
  const rest = foreign.values();
  const work = async () => {
    for (const value of rest) await attackWith(value);
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return faults;
}

/**
 * Of the values of `other` the one that is to it what the value at the place is to `own`; for a row that was made for the
 * sample, all that look like its id.
 */
function counterpartsOf(place: unknown, own: Known, other: Known): Value[] {
  const all = allValuesFor(place, other);
  const ownValue = place instanceof Mark ? place.value : place;
  const ownText = typeof ownValue === 'string' ? ownValue : Object.keys(ownValue as object)[0];
  const name = allValuesFor(place, own).find(({ value }) => value === ownText)?.name;
  if (name !== undefined) return all.filter((value) => value.name === name);
  return place instanceof Mark ? all : all.filter(({ form }) => form === formOf(ownText ?? ''));
}

/** What a place is attacked with. */
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
    (text: string) => (value === '' ? text : text.replaceAll(value, '<value>')),
    keep(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>'),
    keep(/(?:mdef|tdefi|tdef)_[0-9a-z]{26}/g, '<definition>'),
    keep(/"bh(?:ex|ad)_[^"]*"/g, '"<secret>"'),
    keep(/"(?:endCursor|cursor)":"[^"]*"/g, '"<cursor>"'),
    keep(/"([0-9A-Za-z]{12})"/g, '"<key>"'),
    keep(/"(?:version|latestVersionNumber|revision|templateRevision)":\d+/g, '"<number>"'),
    // An entry of the audit log gets its place when it is sealed, up to a second later.
    keep(/"index":(?:null|\d+)/g, '"<index>"'),
    keep(/"(?:updatedAt|updatedBy|rotatedAt)":(?:null|"[^"]*")/g, '"<change>"'),
    keep(/"\d{4}-\d\d-\d\dT[^"]*"/g, '"<moment>"'),
  ].reduce((text, step) => step(text), answer.text);
  return { status: answer.status, headers: [...answer.headers.keys()].sort(), body };
}

/** What of another organization stands in an answer, beside the value that was put in. */
export function leaksOf(answer: GraphqlAnswer, other: Seed, value?: string): string[] {
  const headers = [...answer.headers].map(([name, content]) => `${name}: ${content}`).join('\n');
  const seen = [answer.text, headers]
    .map((text) => (value === undefined ? text : text.replaceAll(value, '')))
    .join('\n');
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
export function ask(client: GraphqlClient, operation: Operation): Promise<GraphqlAnswer> {
  if (operation.document.startsWith('subscription')) return firstEvent(client, operation);
  return client.send(operation.document, operation.variables);
}

/** The value of the field that an operation asks for. */
export function foundIn(answer: GraphqlAnswer, { path }: Operation): unknown {
  return path.reduce<unknown>(
    (data, step) => (data as Record<string, unknown> | null | undefined)?.[step],
    answer.data,
  );
}

function isEmpty(found: unknown): boolean {
  if (found === null || found === undefined) return true;
  if (Array.isArray(found)) return found.length === 0;
  const { nodes } = found as { nodes?: unknown };
  return Array.isArray(nodes) && nodes.length === 0;
}
