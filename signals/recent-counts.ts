/** Parts of the time that is looked back on: what is older than all of them is forgotten. */
const parts = 10;
/** Different things that are counted in one part at most; all further ones are counted together. */
const maxKeys = 1000;
/** Under which name these are. */
const others = 'others';

/** Counts things by name over the last minutes, in bounded memory. */
export class RecentCounts {
  readonly #partMs: number;
  readonly #now: () => number;
  #parts: { readonly number: number; readonly counts: Map<string, number> }[] = [];

  /**
   * @param spanMs how far it looks back, in milliseconds (default 5 minutes)
   * @param now a clock in milliseconds that does not jump
   */
  constructor(spanMs = 300_000, now: () => number = () => performance.now()) {
    this.#partMs = spanMs / parts;
    this.#now = now;
  }

  /** Counts one. */
  note(name: string): void {
    const counts = this.#present();
    const key = counts.has(name) || counts.size < maxKeys ? name : others;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }

  /** Those that were counted most, the first first. */
  most(limit: number): readonly { readonly name: string; readonly count: number }[] {
    this.#present();
    const sums = new Map<string, number>();
    for (const { counts } of this.#parts) {
      for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
    }
    return [...sums]
      .map(([name, count]) => ({ name, count }))
      .sort((one, other) => other.count - one.count)
      .slice(0, limit);
  }

  #present(): Map<string, number> {
    const number = Math.floor(this.#now() / this.#partMs);
    this.#parts = this.#parts.filter((part) => part.number > number - parts);
    let last = this.#parts.at(-1);
    if (last?.number !== number) {
      last = { number, counts: new Map() };
      this.#parts.push(last);
    }
    return last.counts;
  }
}
