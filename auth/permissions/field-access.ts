import type { Identity } from '../identity.js';
import type { Action } from '../scopes/action.js';

/** What a field asks of the caller's scopes, decided once per request and never by the parent object. */
export type FieldAccess =
  /** Every authenticated caller, or whoever was given the object that the field belongs to. */
  | { readonly kind: 'inherited' }
  /** Some scope that allows the action on a resource of this form: lists are filtered, single rows looked up. */
  | {
      readonly kind: 'any';
      readonly action: Action;
      readonly path: (identity: Identity) => string;
      /** Argument that holds the id of the one resource, e.g. `input.id`: for the audit log and the `scopes` command. */
      readonly id?: string;
    }
  /** A scope that allows the action on everything of this form: for what has no id yet. */
  | { readonly kind: 'all'; readonly action: Action; readonly path: (identity: Identity) => string };

/** Access by type and field. */
export type FieldTable = Readonly<Record<string, Readonly<Record<string, FieldAccess>>>>;

/** Access to fields that need no scope of their own; their names are given in one text, apart by spaces. */
export function inherited(names: string): Record<string, FieldAccess> {
  return Object.fromEntries(names.split(' ').map((name) => [name, { kind: 'inherited' }]));
}

/** Access by any scope that allows the action on a resource of this form. */
export function anyOf(action: Action, path: string | ((identity: Identity) => string), id?: string): FieldAccess {
  return {
    kind: 'any',
    action,
    path: typeof path === 'string' ? () => path : path,
    ...(id === undefined ? {} : { id }),
  };
}

/** Access by a scope that allows the action on everything of this form. */
export function allOf(action: Action, path: string | ((identity: Identity) => string)): FieldAccess {
  return { kind: 'all', action, path: typeof path === 'string' ? () => path : path };
}
