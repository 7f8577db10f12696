import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { ApiClient } from '../client/api-client.js';
import { ZoneTime } from '../domain/input/zone-time.js';
import { loadConfiguration } from '../server/configuration.js';
import { importFile } from './import/import-file.js';
import { Progress } from './import/progress.js';
import { readAccess } from './import/read-access.js';
import { RefusalReport } from './import/refusal-report.js';
import { newImportState, resumeImport } from './import/resume-file.js';
import { print, printAside, printJson } from './print.js';
import { UsageMistake } from './usage-mistake.js';

/** Most rows of one call of `ingestColumnar`. */
const maxBatchRows = 1_000;

interface ImportOptions {
  readonly thing: string;
  readonly metric: string;
  readonly url?: string;
  readonly keyFile?: string;
  readonly demo?: boolean;
  readonly timestampColumn: string;
  readonly valueColumn: string;
  readonly timezone: string;
  readonly shiftDays: number;
  readonly batch: number;
  readonly report?: string;
  readonly state?: string;
  readonly json?: boolean;
}

/** `bulkhead import`. */
export function importCommand(): Command {
  return new Command('import')
    .description('Store the readings of a CSV file as those of one metric of a thing, by the public API.')
    .argument('<file>', 'CSV file with a header')
    .requiredOption('--thing <id>', 'id of the thing')
    .requiredOption('--metric <name>', 'name of the metric')
    .option('--url <url>', 'address of the gateway')
    .option('--key-file <path>', 'file with the key, or with the JSON of "org create --json"; - for standard input')
    .option('--demo', 'use address and key of the demo organization')
    .option('--timestamp-column <name>', 'column of the times', 'timestamp')
    .option('--value-column <name>', 'column of the values', 'value')
    .option('--timezone <zone>', 'IANA zone of times without an offset', 'UTC')
    .option('--shift-days <days>', 'whole days to add to every time', wholeNumber(-100_000, 100_000), 0)
    .option('--batch <rows>', `rows of one call, at most ${maxBatchRows}`, wholeNumber(1, maxBatchRows), maxBatchRows)
    .option('--report <path>', 'CSV to write of refused rows: row,reason')
    .option('--state <path>', 'where to keep how far it has come (default: beside the file)')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Times are ISO 8601 ("2026-01-31 12:00", with Z, an offset or neither) or milliseconds since 1970.
Of equal times the last row of the file wins. Rows that cannot be stored are left out, counted and
reported; all others are stored. An import that was interrupted goes on where it stopped when the
same command is given again.

Examples:
  npx bulkhead import speed.csv --demo --thing 0190a1b2-… --metric Speed
  npx bulkhead import office.csv --url https://bulkhead.example.com --key-file key.txt \\
      --thing 0190a1b2-… --metric Temperature --value-column celsius \\
      --timezone Europe/Amsterdam --report refused.csv`,
    )
    .action(runImport);
}

async function runImport(file: string, options: ImportOptions): Promise<void> {
  requireReadable(file);
  const demoFile = options.demo === true ? join(loadConfiguration().BULKHEAD_HOME, 'demo.json') : undefined;
  const access = await readAccess({ url: options.url, keyFile: options.keyFile, demoFile });
  const { thing, metric, timestampColumn, valueColumn, timezone, shiftDays } = options;
  const format = { timestampColumn, valueColumn, zone: requireZone(timezone), shiftDays };
  const stateFile = options.state ?? `${file}.import.json`;
  const target = [access.url, thing, metric, timestampColumn, valueColumn, timezone, shiftDays];
  const state = resumeImport(stateFile, newImportState(file, target));
  if (state.rowsDone > 0) printAside(`Going on after row ${state.rowsDone.toLocaleString('en-US')} (${stateFile}).`);

  const progress = new Progress();
  const api = new ApiClient(access, { onWait: (reason, waitMs) => progress.wait(reason, waitMs) });
  const report = new RefusalReport(options.report, state.rowsDone > 0);
  const job = { file, format, thingId: thing, metric, batchRows: options.batch, state, stateFile };
  const result = await importFile(api, job, report, progress).finally(() => progress.end());
  const { rowsDone: rows, stored, refused } = result;
  if (options.json === true) printJson({ rows, stored, refused });
  else print(summary(rows, stored, refused, options.report));
}

function summary(rows: number, stored: number, refused: number, report: string | undefined): string {
  const count = (value: number) => value.toLocaleString('en-US');
  const result = `${count(rows)} rows read, ${count(stored)} stored, ${count(refused)} refused.`;
  if (refused === 0) return result;
  return `${result} ${report === undefined ? 'Add --report refused.csv to see which, and why.' : `See ${report}.`}`;
}

function requireReadable(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UsageMistake(`${file} is a directory: name a CSV file.`);
  }
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new UsageMistake(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function requireZone(name: string): ZoneTime {
  try {
    return new ZoneTime(name);
  } catch {
    throw new UsageMistake('--timezone is no IANA time zone: write one such as Europe/Amsterdam or UTC.');
  }
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?[0-9]+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`It has to be a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}
