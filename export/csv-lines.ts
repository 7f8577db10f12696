import { stringify } from 'csv-stringify/sync';

/** What spreadsheets take for the begin of a formula, in narrow and in wide characters. */
const formulaStart = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
/** A number is none, whatever it starts with. */
const plainNumber = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * Lines of CSV (RFC 4180, CRLF): null is nothing between two commas, the empty text is `""`. A cell that a spreadsheet
 * would run as a formula has `'` before it.
 */
export function csvLines(rows: readonly (readonly (string | null)[])[]): string {
  return stringify(
    rows.map((row) => row.map((cell) => (cell === null ? null : withoutFormula(cell)))),
    // The library quotes cells with its own record delimiter only, and empty ones not at all.
    { record_delimiter: 'windows', quoted_match: /^$|[\r\n]/ },
  );
}

function withoutFormula(cell: string): string {
  return formulaStart.test(cell) && !plainNumber.test(cell) ? `'${cell}` : cell;
}
