import { Command } from 'commander';
import type { Check, Status } from '../posture/check.js';
import { checks } from '../posture/checks.js';
import { judgePromises, type PromiseResult } from '../posture/judge-promises.js';
import { type CheckResult, runPosture } from '../posture/run-posture.js';
import { type Configuration, loadConfiguration } from '../server/configuration.js';
import { notedGatewayPort } from '../server/gateway-address.js';
import { exitStatus } from './exit-status.js';
import { openPostureHere } from './open-posture.js';
import { print, printAside, printJson } from './print.js';
import { UsageMistake } from './usage-mistake.js';
import { maxColumns, wrap } from './wrap.js';

interface PostureOptions {
  readonly only?: string;
  readonly port?: string;
  readonly json?: boolean;
}

/** Words for a status, of equal width. */
const words: Readonly<Record<Status, string>> = { PASS: 'PASS', FAIL: 'FAIL', NOT_PROVIDED: 'NONE' };

/** `bulkhead posture`. */
export function postureCommand(): Command {
  return new Command('posture')
    .description('Look whether the promises are kept, at the deployment as it runs: on the machine of its home.')
    .option('--only <ids>', 'checks to run, separated by commas')
    .option('--port <port>', 'port of the gateway (default: that of the one that runs, or PORT)')
    .option('--json', 'print {checks, promises} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead posture
  npx bulkhead posture --only key-required,private-files
  npx bulkhead posture --json | jq '.promises[] | select(.status == "FAIL")'

PASS: it was looked at and holds. FAIL: it does not hold, or could not be looked at. NONE: not provided by
this product or this deployment, which is no failure. What each check looks at: docs/posture.md.

Exit status: 0 nothing fails, 1 something does, 2 mistake in the command line.`,
    )
    .action(posture);
}

async function posture(options: PostureOptions): Promise<void> {
  const chosen = chooseChecks(options.only);
  const configuration = loadConfiguration();
  const results = await look(configuration, options, chosen, (result, at) => {
    if (options.json !== true) print(line(result));
    else if (process.stderr.isTTY) printAside(`${at}/${chosen.length} ${result.check}`);
  });
  const promises = judgePromises(results);
  if (options.json === true) printJson({ checks: results, promises });
  else print(summary(results, promises));
  if (results.some(({ status }) => status === 'FAIL')) process.exitCode = exitStatus.fault;
}

async function look(
  configuration: Configuration,
  { port }: PostureOptions,
  chosen: readonly Check[],
  onResult: (result: CheckResult, at: number) => void,
): Promise<CheckResult[]> {
  const running = notedGatewayPort(configuration.BULKHEAD_HOME);
  const { context, close } = await openPostureHere(configuration, readPort(port) ?? running ?? configuration.PORT);
  let at = 0;
  try {
    return await runPosture(context, chosen, (result) => {
      at += 1;
      onResult(result, at);
    });
  } finally {
    await close();
  }
}

function chooseChecks(only: string | undefined): readonly Check[] {
  if (only === undefined) return checks;
  return only.split(',').map((id) => {
    const found = checks.find((check) => check.id === id.trim());
    if (found !== undefined) return found;
    const ids = checks.map((one) => one.id).join(', ');
    throw new UsageMistake(wrap(`There is no check ${JSON.stringify(id)}: --only takes ${ids}.`).join('\n'));
  });
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65_535) {
    throw new UsageMistake('--port takes a port, 1 to 65535.');
  }
  return Number(text);
}

/** One line for what passed; what did not goes on below with its reason. */
function line({ check, status, evidence, durationMs }: CheckResult): string {
  const seconds = durationMs >= 1000 ? ` (${(durationMs / 1000).toFixed(1)} s)` : '';
  const title = `${words[status]}  ${check.padEnd(26)}`;
  const text = `${evidence}${seconds}`;
  return wrap(text, maxColumns - title.length)
    .map((part, at) => (at === 0 ? title : ' '.repeat(title.length)) + part)
    .join('\n');
}

function summary(results: readonly CheckResult[], promises: readonly PromiseResult[]): string {
  const broken = promises.filter(({ status }) => status === 'FAIL');
  return [
    '',
    ...(broken.length === 0 ? [] : ['Promises that are not kept here:', '']),
    ...broken.map(({ id, words: promise, checks: rests }) => {
      const failed = rests.filter((id) => results.some(({ check, status }) => check === id && status === 'FAIL'));
      return wrap(`${id}  ${promise} (${failed.join(', ')})`, maxColumns - 6).join('\n      ');
    }),
    ...(broken.length === 0 ? [] : ['']),
    `Checks: ${counts(results)}. Promises: ${counts(promises)}.`,
  ].join('\n');
}

function counts(all: readonly { readonly status: Status }[]): string {
  const count = (status: Status) => all.filter((one) => one.status === status).length;
  return `${count('PASS')} pass, ${count('FAIL')} fail, ${count('NOT_PROVIDED')} not provided`;
}
