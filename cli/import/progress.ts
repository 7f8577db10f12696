/** Milliseconds between two lines of progress. */
const terminalEveryMs = 100;
const logEveryMs = 10_000;

/** Progress on standard error: one line that changes at a terminal, elsewhere a line every 10 s. */
export class Progress {
  readonly #isTerminal = process.stderr.isTTY === true;
  #shownAtMs = Date.now();
  #hasLine = false;

  /**
   * Shows how far it has come, if it is time to.
   * @param share 0 to 1
   */
  show(rows: number, share: number): void {
    const everyMs = this.#isTerminal ? terminalEveryMs : logEveryMs;
    if (Date.now() - this.#shownAtMs < everyMs) return;
    this.#write(`${rows.toLocaleString('en-US')} rows (${Math.floor(share * 100)} %)`);
  }

  /** Says why it does not go on. */
  wait(reason: string, waitMs: number): void {
    this.#write(`waiting ${Math.ceil(waitMs / 1000)} s: ${reason}`);
  }

  /** Removes the line that changes. */
  end(): void {
    if (this.#isTerminal && this.#hasLine) process.stderr.write('\r\u001b[K');
    this.#hasLine = false;
  }

  #write(line: string): void {
    process.stderr.write(this.#isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
    this.#hasLine = true;
    this.#shownAtMs = Date.now();
  }
}
