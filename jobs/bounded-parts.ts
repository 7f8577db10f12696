/**
 * Parts of a look that may hang, as a disk or a server does that does not answer: each has a deadline, and one that hangs
 * is not begun again before it has ended.
 */
export class BoundedParts {
  readonly #underWay = new Set<string>();

  /**
   * Runs a part.
   * @returns undefined when it has not ended after `limitMs`, or hangs since an earlier look
   */
  async run<T>(name: string, limitMs: number, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#underWay.has(name)) return undefined;
    this.#underWay.add(name);
    const running = work().finally(() => this.#underWay.delete(name));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), limitMs);
    });
    try {
      return await Promise.race([running, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
