import type { RecoveryProgress } from '../recovery/cluster/recover-cluster.js';
import { printAside } from './print.js';

/** Milliseconds between two lines of progress. */
const everyMs = 2_000;

/** Tells how far a recovery is: a line every two seconds, and one when it goes over to WAL. */
export function recoveryProgress(): (progress: RecoveryProgress) => void {
  let saidMs = 0;
  let step: RecoveryProgress['step'] | undefined;
  return (progress) => {
    const now = performance.now();
    if (progress.step === step && now - saidMs < everyMs) return;
    saidMs = now;
    step = progress.step;
    printAside(step === 'BASE' ? baseLine(progress) : `WAL          ${progress.walFiles} files`);
  };
}

function baseLine({ bytes, totalBytes }: RecoveryProgress): string {
  const percent = totalBytes === 0 ? 100 : Math.min(100, Math.floor((bytes / totalBytes) * 100));
  return `Base backup  ${percent} % of ${(totalBytes / 1e6).toFixed(0)} MB`;
}
