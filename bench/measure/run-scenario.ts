import type { RunningContender } from '../contenders/contender-process.js';
import type { ContenderName, Entrant, Scenario } from '../scenarios/scenario.js';
import { asAdmin } from '../seed/admin.js';
import type { Progress } from '../seed/progress.js';
import type { SeededDeployment } from '../seed/seed.js';
import type { LoadGenerator } from './load-generator.js';
import { PgbenchLoad } from './pgbench-load.js';
import { measureRound, type Round } from './round.js';

/**
 * Requests of a warm-up at least, where organizations are drawn: six for each, so that every pool of a contender is
 * connected, and every statement prepared, before anything is measured.
 */
const warmUpRequests = 300;

/** How a scenario is measured. */
export interface Effort {
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly warmUpSeconds: number;
  /** Load before each round that is not measured. */
  readonly settleSeconds: number;
  /** Connections of the load generator, where the scenario does not say otherwise. */
  readonly connections: number;
}

/** What runs while scenarios are measured. */
export interface Stage {
  readonly seeded: SeededDeployment;
  readonly contenders: ReadonlyMap<ContenderName, RunningContender>;
  readonly generator: LoadGenerator;
  readonly progress: Progress;
}

/**
 * Measures all entrants of a scenario: each is warmed up, then the rounds are interleaved, in reverse order every second
 * time, so that what else happens on the machine meets all of them alike.
 */
export async function runScenario(
  { seeded, contenders, generator, progress }: Stage,
  scenario: Scenario,
  entrants: readonly Entrant[],
  effort: Effort,
): Promise<Map<string, Round[]>> {
  const { server } = seeded.deployment;
  // What earlier scenarios wrote is on disk before this one begins; the server makes no checkpoint by itself in a run.
  await asAdmin(seeded.deployment, 'postgres', (sql) => sql`checkpoint`);
  const connections = scenario.connections ?? effort.connections;
  const measure = (entrant: Entrant, until: { requests: number } | { seconds: number }, seed: number) => {
    const contender = contenders.get(entrant.contender);
    if (contender === undefined) throw new Error(`${entrant.contender} does not run`);
    const job = { url: contender.url, scenario: scenario.id, entrant, connections, until, seed };
    const source = entrant.contender === 'pgbench' ? new PgbenchLoad(contender) : generator;
    return measureRound(source, contender, server.pid, job);
  };

  /** Requests a second of each in its warm-up. */
  const rates = new Map<string, number>();
  const isWarm = new Set<ContenderName>();
  for (const entrant of entrants) {
    progress.say(`${scenario.id} warming up ${entrant.label}`);
    let warm = await measure(entrant, { seconds: effort.warmUpSeconds }, 1);
    const missing = warmUpRequests - warm.requests;
    if (scenario.organization === undefined && missing > 0 && !isWarm.has(entrant.contender)) {
      warm = await measure(entrant, { requests: Math.max(missing, connections) }, 2);
    }
    isWarm.add(entrant.contender);
    rates.set(entrant.label, warm.rps);
  }
  const rounds = new Map<string, Round[]>(entrants.map(({ label }) => [label, []]));
  for (let number = 0; number < effort.rounds; number += 1) {
    const order = number % 2 === 0 ? entrants : [...entrants].reverse();
    for (const entrant of order) {
      // Not measured: while others had their turn, idle connections were closed.
      // By number, so that none of its requests is still under way when the round begins.
      const settling = Math.max(connections, Math.ceil((rates.get(entrant.label) ?? 0) * effort.settleSeconds));
      await measure(entrant, { requests: settling }, number + 100);
      // A number instead of a time: then every request that was paid for is counted.
      const counted = Math.max(connections, Math.ceil((rates.get(entrant.label) ?? 0) * effort.secondsPerRound));
      const round = await measure(entrant, { requests: counted }, number + 3);
      rounds.get(entrant.label)?.push(round);
      progress.say(
        `${scenario.id} round ${number + 1} ${entrant.label}: ${round.totalMs.toFixed(3)} ms CPU, ` +
          `${round.rps.toFixed(0)} req/s`,
      );
    }
  }
  return rounds;
}
