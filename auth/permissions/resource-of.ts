import type { Identity } from '../identity.js';
import { readPath } from '../scopes/resource-path.js';
import type { FieldAccess } from './field-access.js';

/**
 * Path of the resource that a call of a field is about: of the one that its arguments name, where they do, else of the
 * form that the field asks for. Undefined for fields that need no scope.
 * @param argument reads an argument by its dotted name; undefined where it is not known
 */
export function resourceOf(
  access: FieldAccess,
  identity: Pick<Identity, 'orgId'>,
  argument: (name: string) => unknown,
): string | undefined {
  if (access.kind === 'inherited') return undefined;
  const path = access.path(identity as Identity);
  const id = access.kind === 'any' && access.id !== undefined ? argument(access.id) : undefined;
  return (typeof id === 'string' ? withId(path, id) : undefined) ?? path;
}

/** The path with its last open segment closed; undefined for a text that cannot be an id there. */
function withId(path: string, id: string): string | undefined {
  const open = path.lastIndexOf('#');
  if (open < 0) return undefined;
  const closed = path.slice(0, open) + id + path.slice(open + 1);
  try {
    readPath(closed);
    return closed;
  } catch {
    return undefined;
  }
}

/** A value by its dotted name. */
export function argumentOf(args: Readonly<Record<string, unknown>>): (name: string) => unknown {
  return (name) =>
    name
      .split('.')
      .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], args);
}
