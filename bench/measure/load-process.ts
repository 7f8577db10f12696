import { createRequire } from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { benchFolder } from '../paths.js';
import { scenarioOf } from '../scenarios/scenarios.js';
import { type Manifest, readManifest } from '../seed/manifest.js';
import { Random } from '../seed/random.js';
import type { LoadJob, LoadResult } from './load.js';
import { drawRequest } from './request.js';

/** The part of autocannon 9 that is used: it is installed in bench/, where the root's types do not look. */
type Autocannon = (options: object, done: (error: Error | null, result: AutocannonResult) => void) => void;

interface AutocannonResult {
  readonly duration: number;
  readonly errors: number;
  readonly timeouts: number;
}

interface ClientContext {
  startedAt: number;
  operation: string;
}

const autocannon = createRequire(join(benchFolder, 'package.json'))('autocannon') as Autocannon;
/** Seconds after which a request counts as failed. */
const timeoutSeconds = 60;

/** Sends the requests of a job and measures each. */
function run(job: LoadJob, manifest: Manifest): Promise<LoadResult> {
  const scenario = scenarioOf(job.scenario);
  const random = new Random(job.seed);
  const latenciesMs: Record<string, number[]> = Object.fromEntries(scenario.operations.map(({ name }) => [name, []]));
  let bytes = 0;
  let failures = 0;
  let failure: string | undefined;
  let started = 0;
  let ended = 0;
  const note = (text: string) => {
    failures += 1;
    failure ??= text.slice(0, 500);
  };
  const setupRequest = (request: object, context: ClientContext) => {
    const { operation, headers, body } = drawRequest(scenario, job.entrant, manifest, random, job);
    context.operation = operation.name;
    context.startedAt = performance.now();
    if (started === 0) started = context.startedAt;
    return { ...request, headers, body };
  };
  const onResponse = (status: number, body: string, context: ClientContext) => {
    ended = performance.now();
    latenciesMs[context.operation]?.push(ended - context.startedAt);
    bytes += Buffer.byteLength(body);
    if (status !== 200 || body.includes('"errors":')) note(`${context.operation}: ${status} ${body}`);
  };
  const options = {
    url: job.url,
    connections: job.connections,
    timeout: timeoutSeconds,
    // It looks at its samples only to end: a round is over within 0.1 s after its last answer, and not 1 s.
    sampleInt: 100,
    ...('requests' in job.until ? { amount: job.until.requests } : { duration: job.until.seconds }),
    requests: [{ method: 'POST', path: '/graphql', setupRequest, onResponse }],
  };
  return new Promise((resolve, reject) => {
    autocannon(options, (error, result) => {
      if (error !== null) return reject(error);
      for (let lost = 0; lost < result.errors + result.timeouts; lost += 1)
        note('the connection was lost or timed out');
      const requests = Object.values(latenciesMs).reduce((sum, { length }) => sum + length, 0);
      const seconds = Math.max(1, ended - started) / 1000;
      resolve({ requests, seconds, bytes: Math.round(bytes / Math.max(1, requests)), failures, failure, latenciesMs });
    });
  });
}

let manifest: Manifest | undefined;

process.on('message', (message: { readonly folder: string } | LoadJob) => {
  if ('folder' in message) {
    manifest = readManifest(message.folder);
    return;
  }
  if (manifest === undefined) throw new Error('no manifest');
  run(message, manifest).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
