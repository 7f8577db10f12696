/** Numbers that are the same for the same seed: mulberry32 (public domain, T. Ettinger), 32 bits of state. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number of 0 up to but not including 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** An integer of 0 up to but not including `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** One of the entries. */
  of<T>(entries: readonly T[]): T {
    const entry = entries[this.below(entries.length)];
    if (entry === undefined) throw new RangeError('nothing to choose from');
    return entry;
  }
}
