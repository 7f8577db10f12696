/**
 * A commit was answered by a rollback, although no statement says that it has failed. The driver sends some statements a
 * second time after an error (that a prepared plan does not fit its table any more), and hides the first.
 */
export class RolledBack extends Error {
  /** SQLSTATE "in failed SQL transaction": what PostgreSQL answers to every other statement of it. */
  readonly code = '25P02';

  constructor() {
    super('the transaction was rolled back');
    this.name = 'RolledBack';
  }
}
