import { type RunningContender, startContender } from '../contenders/contender-process.js';
import { installPackages } from '../contenders/install-peers.js';
import { gatewayStart } from '../contenders/start-contenders.js';
import { LoadGenerator } from '../measure/load-generator.js';
import { childrenOf } from '../measure/postgres-cpu.js';
import { measureRound, type Round } from '../measure/round.js';
import { benchFolder } from '../paths.js';
import { type Measurement, summarize } from '../report/results.js';
import { scaleGet, scaleList, scalePage } from '../scenarios/scale.js';
import type { Scenario } from '../scenarios/scenario.js';
import type { Progress } from '../seed/progress.js';
import { openSeed, type SeededDeployment } from '../seed/seed.js';
import { untilInterrupted } from '../until-interrupted.js';
import { openScaleDeployment } from './scale-deployment.js';

/** What a run of `scale` is to do. */
export interface ScalePlan {
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly connections: number;
  readonly dataFolder: string;
}

/** One line of its table. */
export interface ScaleLine extends Measurement {
  readonly scenario: string;
  readonly registered: number;
  readonly active: number;
  /** Processes of PostgreSQL after the load. */
  readonly postgresProcesses: number;
}

/** What `scale --json` prints. */
export interface ScaleResult {
  readonly benchmark: 'bulkhead scale';
  readonly startedAt: string;
  readonly lines: readonly ScaleLine[];
}

/** Organizations that are there, and those of them that ask. */
const cases = [
  { registered: 50, active: [50] },
  { registered: 500, active: [50, 300] },
];

/** The same load on 50 and on 500 organizations, and from 50 and from 300 of them. */
export async function scale(plan: ScalePlan, progress: Progress): Promise<ScaleResult> {
  const startedAt = new Date().toISOString();
  await installPackages([benchFolder], progress);
  const lines: ScaleLine[] = [];
  for (const { registered, active } of cases) {
    const seeded = await openScaleDeployment(plan.dataFolder, registered, progress);
    try {
      for (const count of active) {
        lines.push(...(await untilInterrupted(measureActive(seeded, count, plan, progress))));
      }
    } finally {
      await seeded.deployment.stop();
    }
  }
  lines.push(...(await measurePages(plan, progress)));
  return { benchmark: 'bulkhead scale', startedAt, lines };
}

/** The first page of a list, and one deep in it, in the deployment of the scenarios. */
async function measurePages(plan: ScalePlan, progress: Progress): Promise<ScaleLine[]> {
  const seeded = await openSeed(plan.dataFolder, progress);
  const { server, folder } = seeded.deployment;
  const gateway = await startContender(gatewayStart(seeded));
  const generator = new LoadGenerator(folder);
  try {
    const lines: ScaleLine[] = [];
    const deep = await deepCursor(gateway.url, seeded.manifest.organizations[0]?.fullKey ?? '');
    for (const cursor of [undefined, deep]) {
      const rounds = await measureRounds(generator, gateway, server.pid, scalePage, { ...plan, cursor, active: 1 });
      const registered = seeded.manifest.organizations.length;
      const postgresProcesses = childrenOf(server.pid).length;
      const scenario = cursor === undefined ? 'first page' : 'deep page';
      lines.push({ scenario, registered, active: 1, postgresProcesses, ...summarize(rounds) });
      progress.say(`${scenario}: measured`);
    }
    return lines;
  } finally {
    generator.stop();
    await gateway.stop();
    await seeded.deployment.stop();
  }
}

/** The cursor of the last page but one, found by reading all pages. */
async function deepCursor(url: string, key: string): Promise<string> {
  const query =
    'query Walk($after: String) { things(first: 100, after: $after) { pageInfo { hasNextPage endCursor } } }';
  let after: string | undefined;
  for (;;) {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify({ query, variables: { after } }),
    });
    const { data } = (await response.json()) as {
      data: { things: { pageInfo: { hasNextPage: boolean; endCursor: string } } };
    };
    const { hasNextPage, endCursor } = data.things.pageInfo;
    if (!hasNextPage) return after ?? '';
    after = endCursor;
  }
}

/** With a gateway of its own, so that its memory is that of this load. */
async function measureActive(
  seeded: SeededDeployment,
  active: number,
  plan: ScalePlan,
  progress: Progress,
): Promise<ScaleLine[]> {
  const { server, folder } = seeded.deployment;
  const gateway = await startContender(gatewayStart(seeded));
  const generator = new LoadGenerator(folder);
  try {
    const lines: ScaleLine[] = [];
    for (const scenario of [scaleList, scaleGet]) {
      const rounds = await measureRounds(generator, gateway, server.pid, scenario, { ...plan, active });
      const registered = seeded.manifest.organizations.length;
      const postgresProcesses = childrenOf(server.pid).length;
      lines.push({ scenario: scenario.id, registered, active, postgresProcesses, ...summarize(rounds) });
      progress.say(`${scenario.id}, ${registered} organizations, ${active} active: measured`);
    }
    return lines;
  } finally {
    generator.stop();
    await gateway.stop();
  }
}

async function measureRounds(
  generator: LoadGenerator,
  gateway: RunningContender,
  postmaster: number,
  scenario: Scenario,
  plan: Pick<ScalePlan, 'rounds' | 'secondsPerRound' | 'connections'> & { active: number; cursor?: string | undefined },
): Promise<Round[]> {
  const [entrant] = scenario.entrants;
  if (entrant === undefined) throw new Error(`${scenario.id} has no entrant`);
  const rounds: Round[] = [];
  // The first one warms up.
  for (let number = 0; number <= plan.rounds; number += 1) {
    const round = await measureRound(generator, gateway, postmaster, {
      url: gateway.url,
      scenario: scenario.id,
      entrant,
      connections: plan.connections,
      activeOrganizations: plan.active,
      ...(plan.cursor === undefined ? {} : { cursor: plan.cursor }),
      until: { seconds: plan.secondsPerRound },
      seed: number + 1,
    });
    if (number > 0) rounds.push(round);
  }
  return rounds;
}

/** The lines as a table of at most 100 columns. */
export function scaleReport({ lines }: ScaleResult): string {
  const head = 'scenario      organizations  active   CPU ms     p50     p99   gateway MB   postgres processes';
  const rows = lines.map((line) =>
    [
      line.scenario.padEnd(12),
      String(line.registered).padStart(14),
      String(line.active).padStart(7),
      line.cpuMsPerRequest.total.toFixed(3).padStart(8),
      line.p50Ms.toFixed(1).padStart(7),
      line.p99Ms.toFixed(1).padStart(7),
      line.rssMb.toFixed(0).padStart(12),
      String(line.postgresProcesses).padStart(20),
    ].join(' '),
  );
  return `${[head, ...rows].join('\n')}\n`;
}
