import type { Task } from '../../jobs/task.js';
import { startWorker } from '../../jobs/worker.js';
import type { WorkerConfiguration } from '../../jobs/worker-configuration.js';
import { runChild } from '../../server/start/run-child.js';

/** A task of tests whose runs never end by themselves, and do not stop when they are told to. */
const hang: Task = { name: 'testHang', concerns: 'ROW', maxAttempts: 3, run: () => new Promise(() => {}) };

runChild((configuration: WorkerConfiguration) => startWorker(configuration, [hang]));
