import type { ApiClient } from '../../client/api-client.js';
import { ApiFailure } from '../../client/api-failure.js';

/** A reading that is to be stored. */
export interface RowToSend {
  readonly row: number;
  readonly atMs: number;
  readonly value: string;
}

/** A row that was refused, and why. */
export interface RefusedRow {
  readonly row: number;
  readonly reason: string;
}

const ingestColumnar = `mutation Import($input: IngestColumnarInput!) {
  ingestColumnar(input: $input) { framesIngested }
}`;

/**
 * Stores rows in one call. A call is all or nothing: where the gateway refuses single rows, these are taken out and the
 * rest is sent again; a call that is too large is halved. The order is kept, so that of equal times the last wins.
 * @returns the rows that were refused
 * @throws ApiFailure for what is no fault of single rows
 */
export async function sendRows(
  api: ApiClient,
  thingId: string,
  metric: string,
  rows: readonly RowToSend[],
): Promise<RefusedRow[]> {
  const refused: RefusedRow[] = [];
  let left = rows;
  while (left.length > 0) {
    try {
      const input = { thingId, columns: ['timestamp', metric], rows: left.map(({ atMs, value }) => [atMs, value]) };
      await api.run(ingestColumnar, { input }, { isRepeatable: true });
      return refused;
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      if (error.code === 'PAYLOAD_TOO_LARGE' && left.length > 1) {
        const half = Math.ceil(left.length / 2);
        refused.push(...(await sendRows(api, thingId, metric, left.slice(0, half))));
        left = left.slice(half);
        continue;
      }
      const faults = rowFaults(error);
      const accepted = left.filter((_, index) => !faults.has(index));
      if (accepted.length === left.length) throw error;
      for (const [index, reason] of faults) {
        const row = left[index];
        if (row !== undefined) refused.push({ row: row.row, reason });
      }
      left = accepted;
    }
  }
  return refused;
}

/** Reasons by index of the row in the call: errors name fields such as `input.rows[3][1]`. */
function rowFaults({ code, errors }: ApiFailure): Map<number, string> {
  const faults = new Map<number, string>();
  if (code !== 'BAD_USER_INPUT') return faults;
  const details = errors.flatMap(({ message, extensions = {} }) =>
    extensions.errors === undefined ? [{ field: extensions.field ?? '', reason: message }] : extensions.errors,
  );
  for (const { field, reason } of details) {
    const index = /\.rows\[(\d+)\]/.exec(field)?.[1];
    if (index !== undefined && !faults.has(Number(index))) faults.set(Number(index), reason);
  }
  return faults;
}
