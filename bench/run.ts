import { requireSameAnswers } from './compare/same-answers.js';
import { findPgbench } from './contenders/find-pgbench.js';
import { installPackages } from './contenders/install-peers.js';
import { peerFolders, startContenders } from './contenders/start-contenders.js';
import { LoadGenerator } from './measure/load-generator.js';
import { runScenario, type Stage } from './measure/run-scenario.js';
import type { RunPlan } from './options.js';
import { benchFolder } from './paths.js';
import { type BenchResult, type ScenarioResult, summarize } from './report/results.js';
import { machine, versions } from './report/surroundings.js';
import { judgeTargets } from './report/targets.js';
import { asAdmin } from './seed/admin.js';
import { measurementSettings } from './seed/deployment.js';
import type { Progress } from './seed/progress.js';
import { openSeed, removeSeeds, type SeededDeployment } from './seed/seed.js';
import { seedSizes } from './seed/seed-plan.js';
import { untilInterrupted } from './until-interrupted.js';

/**
 * Measures what a plan asks for. Everything that it starts has ended when it settles.
 * @throws Error where contenders answer differently, a request fails, or something cannot be started
 */
export async function run(wanted: RunPlan, progress: Progress): Promise<BenchResult> {
  const startedAt = new Date().toISOString();
  const plan = withInstalled(wanted, progress);
  await installPackages([benchFolder, ...peerFolders(plan.contenders)], progress);
  if (plan.isFresh) await removeSeeds(plan.dataFolder, 'seed-');
  const seeded = await openSeed(plan.dataFolder, progress);
  try {
    const contenders = await startContenders(seeded, plan.contenders);
    const generator = new LoadGenerator(seeded.deployment.folder);
    try {
      const results = await untilInterrupted(measure({ seeded, contenders, generator, progress }, plan));
      return {
        benchmark: 'bulkhead',
        startedAt,
        mode: plan.mode,
        machine: machine(),
        versions: versions(plan.contenders, await postgresVersion(seeded)),
        postgresSettings: measurementSettings,
        seed: { version: seeded.manifest.seedVersion, ...seedSizes },
        rounds: plan.rounds,
        secondsPerRound: plan.secondsPerRound,
        connections: plan.connections,
        targets: judgeTargets(results),
        scenarios: results,
      };
    } finally {
      generator.stop();
      await Promise.all([...contenders.values()].map((contender) => contender.stop()));
    }
  } finally {
    await seeded.deployment.stop();
  }
}

/** Leaves pgbench out where it is not installed: npm does not bring it. */
function withInstalled(plan: RunPlan, progress: Progress): RunPlan {
  if (!plan.contenders.includes('pgbench') || findPgbench() !== undefined) return plan;
  progress.say('pgbench is not installed (in Debian: postgresql): it is left out');
  return {
    ...plan,
    contenders: plan.contenders.filter((name) => name !== 'pgbench'),
    scenarios: plan.scenarios.map(([scenario, entrants]) => [
      scenario,
      entrants.filter(({ contender }) => contender !== 'pgbench'),
    ]),
  };
}

/** Compares the answers of the contenders, then measures one scenario after the other. */
async function measure(stage: Stage, plan: RunPlan): Promise<ScenarioResult[]> {
  const { seeded, contenders, progress } = stage;
  progress.say(`${contenders.size} contenders serve; comparing their answers`);
  for (const [scenario, entrants] of plan.scenarios) {
    await requireSameAnswers(scenario, entrants, contenders, seeded.manifest);
  }
  const results: ScenarioResult[] = [];
  for (const [scenario, entrants] of plan.scenarios) {
    const rounds = await runScenario(stage, scenario, entrants, plan);
    const { id, title, notes } = scenario;
    const measured = [...rounds].map(([label, list]) => [label, summarize(list)] as const);
    results.push({ id, title, notes, contenders: Object.fromEntries(measured) });
  }
  return results;
}

function postgresVersion({ deployment }: SeededDeployment): Promise<string> {
  return asAdmin(deployment, 'postgres', async (sql) => {
    const [row] = await sql<{ version: string }[]>`select current_setting('server_version') as version`;
    return row?.version ?? 'unknown';
  });
}
