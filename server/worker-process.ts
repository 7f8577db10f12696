import { startWorker } from '../jobs/worker.js';
import { runChild } from './start/run-child.js';

runChild(startWorker);
