import type { RunningContender } from '../contenders/contender-process.js';
import { scenarioOf } from '../scenarios/scenarios.js';
import type { LoadJob, LoadResult, LoadSource } from './load.js';
import { processTimes } from './process-cpu.js';

/** pgbench, which the process of its contender runs once for each round. */
export class PgbenchLoad implements LoadSource {
  readonly #contender: RunningContender;

  constructor(contender: RunningContender) {
    this.#contender = contender;
  }

  async run({ scenario, connections, until, seed }: LoadJob): Promise<LoadResult> {
    const operation = `${scenario}/${scenarioOf(scenario).operations[0]?.name}`;
    const body = JSON.stringify({ operation, connections, until, seed });
    const response = await fetch(`${this.#contender.url}/rounds`, { method: 'POST', body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${scenario}: ${text}`);
    return JSON.parse(text) as LoadResult;
  }

  cpuMs(): number {
    return processTimes(this.#contender.pid).endedChildrenMs;
  }
}
