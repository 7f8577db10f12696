import { readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { childrenOf, runBulkhead } from '../../tests/support/bulkhead-process.js';
import { machineTimes } from '../measure/machine-load.js';
import { median, percentile } from '../measure/statistics.js';
import type { Progress } from '../seed/progress.js';
import { untilInterrupted } from '../until-interrupted.js';
import { type FilledBulkhead, withFilledBulkhead } from './filled-bulkhead.js';
import { type SteadyLoad, steadyLoad } from './steady-load.js';

/** What a run of `disturbance` is to do. */
export interface DisturbancePlan {
  /** Rows of some 85 bytes that the cluster has. */
  readonly millionRows: number;
  readonly requestsPerSecond: number;
  /** Pairs of windows of each kind. */
  readonly pairs: number;
  readonly secondsPerWindow: number;
}

/** What users noticed in one window. */
export interface Window {
  readonly seconds: number;
  readonly requests: number;
  /** Of these, answered with an error. */
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the minute before its end, and cores that were busy in it, with all other programs of the machine. */
  readonly load: number;
  readonly busyCores: number;
}

/** Two windows, right after each other. */
export interface Pair {
  readonly outside: Window;
  readonly during: Window;
}

/** What `disturbance --json` prints. */
export interface DisturbanceResult {
  readonly benchmark: 'bulkhead disturbance';
  readonly startedAt: string;
  readonly processors: number;
  readonly cluster: { readonly bytes: number };
  readonly requestsPerSecond: number;
  /** During: the backup process takes a base backup and reads it back. Outside: it is stopped in the middle of that. */
  readonly baseBackup: Comparison;
  /** During: WAL is written and shipped. Outside: it is written, and the backup process is stopped. */
  readonly walShipping: Comparison;
}

/** What all pairs say together: ratios are the median over them. */
export interface Comparison {
  readonly p50Ratio: number;
  readonly p99Ratio: number;
  readonly pairs: readonly Pair[];
}

/** Rows that are inserted at a time while WAL is written, and milliseconds after each: some 4 MB of WAL a second. */
const wal = { rows: 16_000, everyMs: 500 } as const;
const walFile = /^[0-9A-F]{24}$/;

/** Measures what requests notice of a base backup and of WAL that is shipped: windows with and without in turn. */
export async function disturbance(plan: DisturbancePlan, progress: Progress): Promise<DisturbanceResult> {
  const startedAt = new Date().toISOString();
  return withFilledBulkhead(plan.millionRows, progress, async (bulkhead) => {
    const load = await steadyLoad(bulkhead.access, plan.requestsPerSecond);
    progress.say('warming up');
    await untilInterrupted(window(load, delay(10_000)));
    const stage = { bulkhead, load, plan };
    const shipping = await whileWriting(stage, progress);
    const bases = await whileBackingUp(stage, progress);
    return {
      benchmark: 'bulkhead disturbance',
      startedAt,
      processors: cpus().length,
      cluster: { bytes: bulkhead.bytes },
      requestsPerSecond: plan.requestsPerSecond,
      baseBackup: comparison(bases),
      walShipping: comparison(shipping),
    };
  });
}

interface Stage {
  readonly bulkhead: FilledBulkhead;
  readonly load: SteadyLoad;
  readonly plan: DisturbancePlan;
}

/** Windows in turn while a base backup is taken and read back: for each second one the backup process is stopped. */
async function whileBackingUp({ bulkhead, load, plan }: Stage, progress: Progress): Promise<Pair[]> {
  await drained(bulkhead);
  const pairs: Pair[] = [];
  while (pairs.length < plan.pairs) {
    let isOver = false;
    // The last one is cut short: then its end is of no interest.
    const taken = runBulkhead(['backup', 'now'], { BULKHEAD_HOME: bulkhead.home }).finally(() => {
      isOver = true;
    });
    while (pairs.length < plan.pairs) {
      const during = await untilInterrupted(window(load, delay(plan.secondsPerWindow * 1000)));
      if (isOver) break;
      const outside = await withoutBackups(bulkhead, () => window(load, delay(plan.secondsPerWindow * 1000)));
      pairs.push({ outside, during });
      progress.say(`base backup: p99 ${outside.p99Ms} ms outside, ${during.p99Ms} ms during`);
    }
    if (!isOver) break;
    const { status, stderr } = await taken;
    if (status !== 0) throw new Error(stderr);
  }
  return pairs;
}

/** Windows in turn while WAL is written: for each first one the backup process is stopped, and WAL waits. */
async function whileWriting({ bulkhead, load, plan }: Stage, progress: Progress): Promise<Pair[]> {
  const pairs: Pair[] = [];
  const writing = () => window(load, writeWal(bulkhead, plan.secondsPerWindow * 1000));
  for (let each = 0; each < plan.pairs; each += 1) {
    await drained(bulkhead);
    const outside = await withoutBackups(bulkhead, writing);
    const during = await untilInterrupted(writing());
    pairs.push({ outside, during });
    progress.say(`WAL shipped: p99 ${outside.p99Ms} ms outside, ${during.p99Ms} ms during`);
  }
  return pairs;
}

async function withoutBackups<Result>(bulkhead: FilledBulkhead, work: () => Promise<Result>): Promise<Result> {
  const [backup] = childrenOf(bulkhead.process.child.pid ?? 0, 'backup-process');
  if (backup === undefined) throw new Error('no backup process runs');
  process.kill(backup, 'SIGSTOP');
  try {
    return await untilInterrupted(work());
  } finally {
    process.kill(backup, 'SIGCONT');
  }
}

async function writeWal({ admin }: FilledBulkhead, forMs: number): Promise<void> {
  const endMs = performance.now() + forMs;
  for (let from = 0; performance.now() < endMs; from += wal.rows) {
    await admin`insert into public.readings
                select n, gen_random_uuid(), now(), random() * 100, 'written ' || n % 50
                from generate_series(${from}::bigint, ${from + wal.rows}::bigint) n`;
    await delay(wal.everyMs);
  }
}

async function drained({ spool }: FilledBulkhead): Promise<void> {
  while (readdirSync(spool).some((name) => walFile.test(name))) await delay(200);
}

/** Puts the load while something goes on. */
async function window(load: SteadyLoad, something: Promise<unknown>): Promise<Window> {
  const over = new AbortController();
  const before = machineTimes();
  const startedMs = performance.now();
  const [{ latencies, failures }] = await Promise.all([load.run(over.signal), something.finally(() => over.abort())]);
  const seconds = (performance.now() - startedMs) / 1000;
  const after = machineTimes();
  return {
    seconds: rounded(seconds),
    requests: latencies.length,
    failures,
    p50Ms: rounded(percentile(latencies, 0.5)),
    p99Ms: rounded(percentile(latencies, 0.99)),
    load: rounded(loadavg()[0] ?? 0),
    busyCores: rounded((after.busySeconds - before.busySeconds) / seconds),
  };
}

function comparison(pairs: readonly Pair[]): Comparison {
  const ratio = (of: (window: Window) => number) =>
    Number(median(pairs.map(({ outside, during }) => of(during) / of(outside))).toFixed(2));
  return { p50Ratio: ratio(({ p50Ms }) => p50Ms), p99Ratio: ratio(({ p99Ms }) => p99Ms), pairs };
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}

/** The result as lines for a person. */
export function disturbanceReport({ cluster, requestsPerSecond, baseBackup, walShipping }: DisturbanceResult): string {
  const lines = ({ pairs, p50Ratio, p99Ratio }: Comparison) => [
    ...pairs.map(({ outside, during }) => {
      const of = ({ p50Ms, p99Ms, load }: Window) => `p50 ${p50Ms} ms, p99 ${p99Ms} ms (load ${load})`;
      return `  outside ${of(outside)}; during ${of(during)}`;
    }),
    `  median of the pairs: p50 ${p50Ratio} times, p99 ${p99Ratio} times`,
  ];
  return `${[
    `Cluster of ${Math.round(cluster.bytes / 1e6)} MB, ${requestsPerSecond} requests a second`,
    'A base backup is taken and read back:',
    ...lines(baseBackup),
    'WAL is shipped while it is written:',
    ...lines(walShipping),
  ].join('\n')}\n`;
}
