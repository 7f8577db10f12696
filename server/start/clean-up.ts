/** Steps that undo what was started, run in reverse order, each once, whatever becomes of the others. */
export class CleanUp {
  readonly #steps: (() => Promise<void>)[] = [];

  /** Adds what undoes the step that has just been done. */
  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Undoes everything. */
  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      await step().catch(() => {});
    }
  }
}
