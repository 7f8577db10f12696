import type { SoakResult } from './soak.js';

/** A soak in words. */
export function soakReport({ minutes, requests, growth, passed }: SoakResult): string {
  const lines = Object.entries(growth).map(
    ([name, { median, gained, isGrowing }]) =>
      `${isGrowing ? 'GROWS' : 'holds'}  ${name.padEnd(12)} median ${median.toFixed(1).padStart(8)}, ` +
      `gained ${gained.toFixed(1).padStart(7)} over the last two thirds`,
  );
  return [
    `${minutes} minutes of W7: ${requests.answered} answered, ${requests.refused} refused, ` +
      `${requests.aborted} aborted, ${requests.unexpected} unexpected`,
    ...(requests.firstUnexpected === undefined ? [] : [`first unexpected: ${requests.firstUnexpected}`]),
    ...lines,
    passed ? 'passed' : 'FAILED',
    '',
  ].join('\n');
}
