import type { RunningContender } from '../contenders/contender-process.js';
import type { LoadJob, LoadSource } from './load.js';
import { machineTimes } from './machine-load.js';
import { postgresCpuMs } from './postgres-cpu.js';
import { processTimes, residentMb } from './process-cpu.js';
import { percentile } from './statistics.js';

/** Latencies of one operation in one round, in ms. */
export interface OperationLatency {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One load on one contender, measured. */
export interface Round extends OperationLatency {
  readonly rps: number;
  /** CPU of the contender's process, per request. */
  readonly gatewayMs: number;
  /** CPU of PostgreSQL, per request. */
  readonly postgresMs: number;
  readonly totalMs: number;
  readonly bytes: number;
  readonly rssMb: number;
  /** Cores that the load generator kept busy: near 1 it is the bottleneck, and req/s is only a lower bound. */
  readonly generatorCores: number;
  /** Cores that other programs of the machine kept busy, or that its host gave away. */
  readonly foreignCores: number;
  readonly operations: Readonly<Record<string, OperationLatency>>;
}

/**
 * Puts a load on a contender and reads the CPU time that it took.
 * @throws Error for any answer that is not as it should be: a fast error is no result
 */
export async function measureRound(
  generator: LoadSource,
  contender: RunningContender,
  postmaster: number,
  job: LoadJob,
): Promise<Round> {
  const read = () => ({
    gateway: processTimes(contender.pid).ownMs,
    postgres: postgresCpuMs(postmaster),
    generator: generator.cpuMs(),
    machine: machineTimes(),
    at: performance.now(),
  });
  const before = read();
  const result = await generator.run(job);
  const after = read();
  if (result.failures > 0) {
    throw new Error(
      `${job.scenario}: ${result.failures} of ${result.requests} requests to ${job.entrant.label} failed, the first with ` +
        `${result.failure}`,
    );
  }
  const wallMs = after.at - before.at;
  const gatewayMs = (after.gateway - before.gateway) / result.requests;
  const postgresMs = (after.postgres - before.postgres) / result.requests;
  const generatorMs = after.generator - before.generator;
  const busyMs =
    (after.machine.busySeconds +
      after.machine.stolenSeconds -
      before.machine.busySeconds -
      before.machine.stolenSeconds) *
    1000;
  const ownMs = after.gateway - before.gateway + after.postgres - before.postgres + generatorMs;
  return {
    ...latencyOf(Object.values(result.latenciesMs).flat()),
    rps: result.requests / result.seconds,
    gatewayMs,
    postgresMs,
    totalMs: gatewayMs + postgresMs,
    bytes: result.bytes,
    rssMb: residentMb(contender.pid),
    generatorCores: generatorMs / (result.seconds * 1000),
    foreignCores: Math.max(0, busyMs - ownMs) / wallMs,
    operations: Object.fromEntries(
      Object.entries(result.latenciesMs).map(([name, latencies]) => [name, latencyOf(latencies)]),
    ),
  };
}

function latencyOf(latenciesMs: readonly number[]): OperationLatency {
  return { requests: latenciesMs.length, p50Ms: percentile(latenciesMs, 0.5), p99Ms: percentile(latenciesMs, 0.99) };
}
