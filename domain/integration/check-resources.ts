import { contains } from '../../auth/scopes/covers.js';
import { parseResourcePattern } from '../../auth/scopes/parse-resource-pattern.js';
import { placePath, readPath } from '../../auth/scopes/resource-path.js';
import { anyValue } from '../../auth/scopes/segment-kind.js';
import type { IntegrationResource } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { changeAttributes } from '../input/attributes.js';
import { getPlace } from '../place/get-place.js';
import { getThing } from '../thing/get-thing.js';
import { pathOfThing } from '../thing/path-of-thing.js';
import { visible } from './visible.js';

/** A resource as it is given. */
export interface ResourceInput {
  /** Path of a place or thing, as in scopes; `#` only for what its id says. */
  readonly path: string;
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Resources of one integration at most. */
const maxResources = 50;

/**
 * The resources that an integration is for, by canonical path.
 * @throws BulkheadError BAD_USER_INPUT for more than 50, a repetition, a path that is none, or one that names no place or
 * thing that the actor may read or write
 */
export async function checkResources(
  tx: OrgTransaction,
  inputs: readonly ResourceInput[],
): Promise<readonly IntegrationResource[]> {
  if (inputs.length > maxResources) throw invalidInput('input.resources', `must have at most ${maxResources} entries`);
  const resources = await Promise.all(
    inputs.map((input, index) => checkResource(tx, `input.resources[${index}]`, input)),
  );
  if (new Set(resources.map(({ path }) => path)).size < resources.length) {
    throw invalidInput('input.resources', 'names the same resource twice');
  }
  return resources;
}

async function checkResource(tx: OrgTransaction, field: string, input: ResourceInput): Promise<IntegrationResource> {
  const pathField = `${field}.path`;
  const { noun, segments } = parseResourcePattern(input.path, (reason) => invalidInput(pathField, reason));
  const id = segments.at(-1) ?? anyValue;
  if ((noun !== 'PLACE' && noun !== 'THING') || id === anyValue) {
    throw invalidInput(pathField, 'must name one place or thing by its id');
  }
  const path = await visible(pathField, noun === 'THING' ? thingAt(tx, id) : placeAt(tx, id));
  if (!contains(segments, readPath(path).segments)) {
    throw invalidInput(pathField, 'names nothing that the key may see');
  }
  return { path, metadata: changeAttributes(`${field}.metadata`, {}, { set: input.metadata }) };
}

const thingAt = async (tx: OrgTransaction, id: string) => pathOfThing(await getThing(tx, id));

async function placeAt(tx: OrgTransaction, id: string): Promise<string> {
  const place = await getPlace(tx, undefined, id);
  return placePath(place.placeType, place.id);
}
