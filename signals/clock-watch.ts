/** Milliseconds for which a jump is remembered, so that it is seen. */
const rememberedMs = 900_000;

/** Watches whether the clock of the machine jumps, by the one that only goes on. */
export class ClockWatch {
  readonly #clock: () => number;
  readonly #steady: () => number;
  #last: { readonly clockMs: number; readonly steadyMs: number } | undefined;
  #jumps: { readonly atMs: number; readonly seconds: number }[] = [];

  /**
   * @param clock the clock that may jump, in milliseconds
   * @param steady one that does not
   */
  constructor(clock: () => number = Date.now, steady: () => number = () => performance.now()) {
    this.#clock = clock;
    this.#steady = steady;
  }

  /**
   * Seconds of the largest jump of the last 15 minutes since the first look, or by which the clock is off.
   * @param otherSeconds what another clock says now, in seconds since 1970
   */
  look(otherSeconds?: number): number {
    const clockMs = this.#clock();
    const steadyMs = this.#steady();
    if (this.#last !== undefined) {
      const jumpedMs = clockMs - this.#last.clockMs - (steadyMs - this.#last.steadyMs);
      if (Math.abs(jumpedMs) >= 1000) this.#jumps.push({ atMs: steadyMs, seconds: Math.abs(jumpedMs) / 1000 });
    }
    this.#last = { clockMs, steadyMs };
    this.#jumps = this.#jumps.filter(({ atMs }) => steadyMs - atMs < rememberedMs);
    const off = otherSeconds === undefined ? 0 : Math.abs(clockMs / 1000 - otherSeconds);
    return Math.max(off, ...this.#jumps.map(({ seconds }) => seconds));
  }
}
