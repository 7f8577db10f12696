import { setTimeout as delay } from 'node:timers/promises';
import { auditSigner } from '../audit/audit-key.js';
import { asOnlyRunner } from './as-only-runner.js';
import { copySegments } from './copy-segments.js';
import { failureReason } from './failure-reason.js';
import { issueCheckpoint } from './issue-checkpoint.js';
import type { JobContext } from './job-context.js';
import { PeriodicJob } from './periodic-job.js';
import { organizationsToSeal, sealEntries, sealingPart } from './seal-entries.js';

/** Milliseconds between two looks for new entries: they are to be sealed within a second. */
const pollMs = 200;
/** Milliseconds between two looks whether this is still the only runner. */
const holdCheckMs = 1000;
/** Leaves after which a checkpoint does not wait for its time: a segment is held in memory. */
const maxLeavesOfSegment = 10_000;

/** Where another worker seals, this one looks again so soon, in milliseconds, whether it still does. */
const standbyMs = 1000;

/**
 * Seals entries of the audit log and issues checkpoints until it is closed: a loop and not a job of the queue, since
 * entries are to be sealed within a second. One worker of the deployment does it at a time; the others stand by.
 */
export class Sealing {
  readonly #job: PeriodicJob;

  constructor(context: JobContext) {
    const run = (signal: AbortSignal) => runSealing(context, signal);
    this.#job = new PeriodicJob({ name: sealingPart, everyMs: standbyMs, run }, context.log);
  }

  /** Ends the round under way, and puts what was sealed under a checkpoint. */
  close(): Promise<void> {
    return this.#job.close();
  }
}

/** That only one runs saves work; that the log cannot fork rests on locks of rows. */
async function runSealing(context: JobContext, signal: AbortSignal): Promise<void> {
  await asOnlyRunner(context.configuration.provisionerUrl, sealingPart, async (isStillHeld) => {
    const sequencer = new Sequencer(context, signal);
    let heldUntil = performance.now() + holdCheckMs;
    try {
      while (!signal.aborted) {
        await sequencer.round();
        await delay(pollMs, undefined, { signal }).catch(() => {});
        if (performance.now() < heldUntil) continue;
        if (!(await isStillHeld())) return;
        heldUntil = performance.now() + holdCheckMs;
      }
    } finally {
      await sequencer.finish();
    }
  });
}

class Sequencer {
  readonly #context: JobContext;
  readonly #signal: AbortSignal;
  readonly #signer;
  #leaves = 0;
  #nextCheckpointMs = 0;
  #copying: Promise<void> | undefined;

  constructor(context: JobContext, signal: AbortSignal) {
    const { auditKey, deployment } = context.configuration;
    this.#context = context;
    this.#signal = signal;
    this.#signer = auditSigner(auditKey, deployment);
  }

  /** Seals all that waits; what fails for one organization holds up no other. */
  async round(): Promise<void> {
    const failed = new Set<string>();
    let waiting = await organizationsToSeal(this.#context);
    while (waiting.length > 0 && !this.#signal.aborted) {
      for (const orgId of waiting) {
        await this.#seal(orgId, failed);
        if (this.#leaves >= maxLeavesOfSegment || performance.now() >= this.#nextCheckpointMs) await this.#checkpoint();
      }
      waiting = (await organizationsToSeal(this.#context)).filter((orgId) => !failed.has(orgId));
    }
    if (performance.now() >= this.#nextCheckpointMs && !this.#signal.aborted) await this.#checkpoint();
  }

  /** What was sealed last is under a checkpoint, and copied, before a worker ends by itself. */
  async finish(): Promise<void> {
    if (this.#leaves > 0) await this.#checkpoint().catch(() => {});
    await this.#copying;
  }

  async #seal(orgId: string, failed: Set<string>): Promise<void> {
    try {
      const sealed = await sealEntries(this.#context, this.#signer, orgId);
      this.#leaves += sealed;
      // An entry that is gone before it was sealed must not keep the sealer from pausing.
      if (sealed === 0) failed.add(orgId);
    } catch (error) {
      failed.add(orgId);
      this.#context.log.error({ orgId, reason: failureReason(error) }, 'audit entries could not be sealed');
    }
  }

  async #checkpoint(): Promise<void> {
    this.#nextCheckpointMs = performance.now() + this.#context.configuration.checkpoints.everySeconds * 1000;
    try {
      await issueCheckpoint(this.#context, this.#signer);
      this.#leaves = 0;
    } catch (error) {
      // Sealing goes on, and so do the other copies; the next round tries again.
      this.#context.log.error({ reason: failureReason(error) }, 'no checkpoint could be issued');
    }
    // A slow bucket holds up no sealing; what it misses is copied after the next checkpoint.
    this.#copying ??= copySegments(this.#context).finally(() => {
      this.#copying = undefined;
    });
  }
}
