import { readFileSync } from 'node:fs';

/** Seconds of CPU that the machine has spent on anything, and that its host has given to other machines. */
export interface MachineTimes {
  readonly busySeconds: number;
  readonly stolenSeconds: number;
}

/** Times since the machine was started, in seconds over all cores. */
export function machineTimes(): MachineTimes {
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0, stolen = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  )
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { busySeconds: (user + nice + system + interrupts + softInterrupts) / 100, stolenSeconds: stolen / 100 };
}
