import type fc from 'fast-check';

/** Random choices, all from the one generator of fast-check, so that a seed gives the same ones again. */
export class Choices {
  readonly #random: fc.Random;

  constructor(random: fc.Random) {
    this.#random = random;
  }

  /** An integer from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return this.#random.nextInt(min, max);
  }

  /** Whether something of this many percent happens. */
  chance(percent: number): boolean {
    return this.int(1, 100) <= percent;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to choose from');
    return list[this.int(0, list.length - 1)] as T;
  }

  /** One of the values, each as often as its weight says beside the others; a weight of 0 is never chosen. */
  weighted<T>(values: readonly (readonly [weight: number, value: T])[]): T {
    const total = values.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.int(1, total);
    for (const [weight, value] of values) {
      left -= weight;
      if (left <= 0) return value;
    }
    throw new Error('nothing to choose from');
  }
}
