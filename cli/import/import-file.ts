import { statSync } from 'node:fs';
import type { ApiClient } from '../../client/api-client.js';
import type { Progress } from './progress.js';
import { type RowFormat, readRows } from './read-rows.js';
import type { RefusalReport } from './refusal-report.js';
import { forgetState, type ImportState, keepState } from './resume-file.js';
import { type RefusedRow, type RowToSend, sendRows } from './send-rows.js';

/** One import. */
export interface FileImport {
  readonly file: string;
  readonly format: RowFormat;
  readonly thingId: string;
  readonly metric: string;
  /** Rows of one call. */
  readonly batchRows: number;
  /** Where to start. */
  readonly state: ImportState;
  readonly stateFile: string;
}

/**
 * Stores the readings of a CSV file as those of one metric of one thing, in the order of the file, one call after another:
 * of equal times the last in the file wins. The state is kept after every call, so that an interrupted import goes on.
 * @returns the state at the end
 * @throws UsageMistake, ApiFailure; what is stored by then stays, and the state too
 */
export async function importFile(
  api: ApiClient,
  job: FileImport,
  report: RefusalReport,
  progress: Progress,
): Promise<ImportState> {
  const totalBytes = Math.max(1, statSync(job.file).size);
  let state = job.state;
  let rows: RowToSend[] = [];
  let refused: RefusedRow[] = [];
  let lastRow = state.rowsDone;

  const send = async () => {
    const refusedByGateway = await sendRows(api, job.thingId, job.metric, rows);
    report.add([...refused, ...refusedByGateway].sort((a, b) => a.row - b.row));
    state = {
      ...state,
      rowsDone: lastRow,
      stored: state.stored + rows.length - refusedByGateway.length,
      refused: state.refused + refused.length + refusedByGateway.length,
    };
    keepState(job.stateFile, state);
    rows = [];
    refused = [];
  };

  for await (const { row, bytesRead, reading } of readRows(job.file, job.format)) {
    if (row <= state.rowsDone) continue;
    lastRow = row;
    if ('reason' in reading) refused.push({ row, reason: reading.reason });
    else rows.push({ row, ...reading });
    if (rows.length + refused.length < job.batchRows) continue;
    await send();
    progress.show(row, bytesRead / totalBytes);
  }
  await send();
  forgetState(job.stateFile);
  return state;
}
