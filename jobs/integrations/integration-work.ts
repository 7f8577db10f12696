import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { arrayLiteral } from '../../db/array-literal.js';
import type { Database } from '../../db/database.js';
import { listen } from '../../db/listen.js';
import { withOrg } from '../../db/with-org.js';
import { failureReason } from '../failure-reason.js';
import { PeriodicJob } from '../periodic-job.js';
import type { WorkItem, WorkSteps } from './work-item.js';

/** Items that one process is at, at a time. Most of them wait for the network. */
const capacity = 64;

const part = 'integrations';

/** Channel on which the database tells that something is due; milliseconds after which it is looked for without. */
const channel = 'bulkhead_integration_work';
const lookEveryMs = 1_000;

/**
 * Does what is due for integrations. Items are leased: what a killed process was at becomes due again after 60 s. How many
 * of one organization are leased at a time is bounded (`platform.claim_integration_work`).
 */
export class IntegrationWork {
  readonly #operational: Database;
  readonly #log: Logger;
  readonly #steps: WorkSteps;
  readonly #claims: PeriodicJob;
  readonly #unlisten: () => Promise<void>;
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();

  constructor(operational: Database, log: Logger, steps: WorkSteps) {
    this.#operational = operational;
    this.#log = log;
    this.#steps = steps;
    const run = (signal: AbortSignal) => this.#claim(signal);
    this.#claims = new PeriodicJob({ name: part, everyMs: lookEveryMs, run }, log);
    this.#unlisten = listen(operational, channel, { onNotice: () => this.#claims.wake() });
  }

  /** Claims what is due, as far as there is room, and starts on it. */
  async #claim(signal: AbortSignal): Promise<void> {
    const free = capacity - this.#running.size;
    if (free <= 0 || signal.aborted) return;
    const identity = systemIdentity(deploymentOrgId, part, randomUUID());
    const items = await withOrg(
      this.#operational,
      identity,
      'write',
      (tx) => tx.sql<WorkItem[]>`
        select kind, org_id as "orgId", integration_id as "integrationId", id
        from platform.claim_integration_work(${free}::integer, ${arrayLiteral(Object.keys(this.#steps))}::text[])`,
    );
    for (const item of items) {
      const done = this.#do(item).finally(() => {
        this.#running.delete(done);
        this.#claims.wake();
      });
      this.#running.add(done);
    }
  }

  /** Ends what is under way; it is given back, to be done by another process or after the next start. */
  async close(): Promise<void> {
    await this.#unlisten();
    await this.#claims.close();
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async #do(item: WorkItem): Promise<void> {
    const { kind, orgId, integrationId, id } = item;
    const identity = systemIdentity(orgId, part, randomUUID());
    try {
      await this.#steps[kind]?.(identity, item, this.#stop.signal);
    } catch (error) {
      if (this.#stop.signal.aborted) {
        await withOrg(
          this.#operational,
          identity,
          'write',
          (tx) => tx.sql`select platform.release_integration_work(${kind}, ${id}::uuid)`,
        ).catch(() => {});
        return;
      }
      // The lease ends by itself, and it is tried again.
      this.#log.error({ orgId, integrationId, kind, id, reason: failureReason(error) }, 'integration work failed');
    }
  }
}
