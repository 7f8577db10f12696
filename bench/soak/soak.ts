import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { packageRoot } from '../../db/package-root.js';
import { startContender } from '../contenders/contender-process.js';
import { gatewayStart } from '../contenders/start-contenders.js';
import type { Progress } from '../seed/progress.js';
import { openSeed } from '../seed/seed.js';
import { untilInterrupted } from '../until-interrupted.js';
import { type Growth, judgeGrowth } from './growth.js';
import { type Sample, takeSample, watched } from './sample.js';
import type { SoakCounts } from './soak-load.js';

/** What a soak is to do. */
export interface SoakPlan {
  readonly minutes: number;
  readonly connections: number;
  readonly dataFolder: string;
}

/** What became of it. */
export interface SoakResult {
  readonly benchmark: 'bulkhead soak';
  readonly startedAt: string;
  readonly minutes: number;
  readonly connections: number;
  readonly requests: SoakCounts;
  readonly growth: Readonly<Record<string, Growth>>;
  readonly samples: readonly Sample[];
  /** Nothing grows and nothing unexpected was answered. */
  readonly passed: boolean;
}

/** Samples of a run, whatever its length. */
const sampleCount = 60;
/** Settings that are the measuring's alone: in a soak autovacuum and checkpoints take their part. */
const soakSettings = { max_connections: '600', shared_buffers: '1GB' };

/** Puts the mixed load of W7 with refused and aborted requests on the gateway and watches what it holds. */
export async function soak(plan: SoakPlan, progress: Progress): Promise<SoakResult> {
  const startedAt = new Date().toISOString();
  const seeded = await openSeed(plan.dataFolder, progress, soakSettings);
  const { deployment } = seeded;
  try {
    const preload = join(packageRoot, 'dist', 'bench', 'soak', 'report-memory.js');
    const gateway = await startContender(gatewayStart(seeded, ['--expose-gc', '--import', preload]));
    const load = fork(join(packageRoot, 'dist', 'bench', 'soak', 'soak-load-process.js'));
    try {
      load.send({ url: gateway.url, folder: deployment.folder, connections: plan.connections });
      const samples: Sample[] = [];
      for (let number = 0; number < sampleCount; number += 1) {
        await untilInterrupted(delay((plan.minutes * 60_000) / sampleCount));
        const sample = await takeSample(gateway, deployment);
        samples.push(sample);
        load.send('count');
        const [counts] = await countsOf(load);
        progress.say(`${number + 1}/${sampleCount}: ${describe(sample)}; ${JSON.stringify(counts)}`);
      }
      load.send('stop');
      const [requests] = await countsOf(load);
      const names = Object.keys(watched) as (keyof Sample)[];
      const growth = Object.fromEntries(
        names.map((name) => [
          name,
          judgeGrowth(
            samples.map((sample) => sample[name]),
            watched[name],
          ),
        ]),
      );
      const passed = requests.unexpected === 0 && Object.values(growth).every(({ isGrowing }) => !isGrowing);
      const { minutes, connections } = plan;
      return { benchmark: 'bulkhead soak', startedAt, minutes, connections, requests, growth, samples, passed };
    } finally {
      load.kill();
      await gateway.stop();
    }
  } finally {
    await deployment.stop();
  }
}

/** @throws Error where the load has ended */
function countsOf(load: ChildProcess): Promise<[SoakCounts]> {
  return Promise.race([
    once(load, 'message') as Promise<[SoakCounts]>,
    once(load, 'exit').then(() => Promise.reject(new Error('the load has ended'))),
  ]);
}

function describe(sample: Sample): string {
  return Object.entries(sample)
    .map(([name, value]) => `${name} ${value.toFixed(1)}`)
    .join(', ');
}
