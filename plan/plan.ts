import type { ListBinder } from './list-binder.js';
import type { SelectedField } from './operation-scope.js';
import type { Parameter, PlannedError } from './statement.js';
import type { TelemetryField } from './telemetry-field.js';

/** How one operation is answered; good for every request whose arguments have the same shape. */
export interface Plan {
  /** Root fields in order. */
  readonly fields: readonly SelectedField[];
  /** The statement. Absent where the answer is `constant`. */
  readonly text?: string;
  /** The answer where no row decides it. */
  readonly constant?: string;
  readonly parameters: readonly Parameter[];
  readonly lists: readonly ListBinder[];
  readonly telemetry: readonly TelemetryField[];
  /** Errors that holes refer to. */
  readonly errors: readonly PlannedError[];
}
