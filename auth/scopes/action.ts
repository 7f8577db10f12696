/** What an actor can do to a resource. `write` does not imply `read`; `admin` implies nothing but `admin`. */
export type Action = (typeof actions)[number];

/** What a scope can name as its action: one action, or `*` for all three. */
export type ScopeAction = Action | '*';

/** All actions, in the order in which they are listed to people. */
export const actions = ['read', 'write', 'admin'] as const;

/** The actions that a scope with this action grants: all three for `*`, else the one itself. */
export function effectiveActions(action: ScopeAction): readonly Action[] {
  return action === '*' ? actions : [action];
}

/** Whether a text is an action of a scope, exactly as written: lower case, no spaces around it. */
export function isScopeAction(text: string): text is ScopeAction {
  return text === '*' || (actions as readonly string[]).includes(text);
}
