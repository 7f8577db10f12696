import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';
import type { LoadJob, LoadResult, LoadSource } from './load.js';
import { processTimes } from './process-cpu.js';

/** The process that sends requests, apart from those that are measured. */
export class LoadGenerator implements LoadSource {
  readonly #child: ChildProcess;

  /** @param folder folder of the manifest */
  constructor(folder: string) {
    this.#child = fork(join(packageRoot, 'dist', 'bench', 'measure', 'load-process.js'), [], {
      serialization: 'advanced',
      stdio: ['ignore', process.stderr.fd, process.stderr.fd, 'ipc'],
    });
    this.#child.send({ folder });
  }

  cpuMs(): number {
    return processTimes(this.#child.pid ?? 0).ownMs;
  }

  /** @throws Error where the load could not be put */
  async run(job: LoadJob): Promise<LoadResult> {
    this.#child.send(job);
    const [message] = (await once(this.#child, 'message')) as [{ result?: LoadResult; error?: string }];
    if (message.result === undefined) throw new Error(`the load generator failed: ${message.error}`);
    return message.result;
  }

  stop(): void {
    this.#child.disconnect();
  }
}
