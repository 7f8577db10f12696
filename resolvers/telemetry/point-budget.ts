import { BulkheadError } from '../../errors/bulkhead-error.js';

/** Points and readings that one operation may answer in all. */
export const maxPointsOfOperation = 50_000;

/**
 * The points that one operation may still answer, over all of its fields and aliases. Reads of series take turns, so that
 * an operation that asks for too much is refused after one read too many and not after all of them.
 */
export class PointBudget {
  #left = maxPointsOfOperation;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * Reads when it is its turn and takes what was read from the budget.
   * @throws BulkheadError TOO_MANY_POINTS
   */
  read<T>(read: () => Promise<T>, countOf: (value: T) => number): Promise<T> {
    const result = this.#turn.then(async () => {
      this.take(0);
      const value = await read();
      this.take(countOf(value));
      return value;
    });
    this.#turn = result.catch(() => {});
    return result;
  }

  /**
   * Takes points from the budget.
   * @throws BulkheadError TOO_MANY_POINTS when it is used up
   */
  take(points: number): void {
    this.#left -= points;
    if (this.#left < 0) {
      throw new BulkheadError(
        'TOO_MANY_POINTS',
        `The operation answers more than ${maxPointsOfOperation} points in all`,
      );
    }
  }
}
