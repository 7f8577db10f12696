import type { BoundList } from './list-binder.js';
import type { Variables } from './operation-scope.js';

/** What the parameters of one request are taken from. */
export interface Binding {
  readonly orgId: string;
  readonly variables: Variables;
  /** Lists of the operation by number. */
  readonly lists: readonly BoundList[];
}
