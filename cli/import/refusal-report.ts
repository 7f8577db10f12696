import { appendFileSync, writeFileSync } from 'node:fs';
import type { RefusedRow } from './send-rows.js';

/** A CSV of refused rows: `row,reason`, the row as its number after the header. */
export class RefusalReport {
  readonly #file: string | undefined;

  /**
   * @param file none: nothing is written
   * @param isContinued whether rows are added to the report of an interrupted import
   */
  constructor(file: string | undefined, isContinued: boolean) {
    this.#file = file;
    if (file !== undefined && !isContinued) writeFileSync(file, 'row,reason\n');
  }

  /** Adds rows. */
  add(rows: readonly RefusedRow[]): void {
    if (this.#file === undefined || rows.length === 0) return;
    const lines = rows.map(({ row, reason }) => `${row},"${reason.replaceAll('"', '""')}"\n`);
    appendFileSync(this.#file, lines.join(''));
  }
}
