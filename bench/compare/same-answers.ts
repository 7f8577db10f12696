import { isDeepStrictEqual } from 'node:util';
import type { RunningContender } from '../contenders/contender-process.js';
import { drawRequest } from '../measure/request.js';
import type { ContenderName, Entrant, Scenario } from '../scenarios/scenario.js';
import type { Manifest } from '../seed/manifest.js';
import { Random } from '../seed/random.js';

/** Requests of each scenario whose answers are compared. */
const samples = 5;
/** Numbers count as equal that differ by less than this part: a mean of sums may round otherwise than a mean of rows. */
const tolerance = 1e-9;

/**
 * Asks all entrants of a scenario the same and compares the answers after parsing.
 * @throws Error that names the first difference
 */
export async function requireSameAnswers(
  scenario: Scenario,
  entrants: readonly Entrant[],
  contenders: ReadonlyMap<ContenderName, RunningContender>,
  manifest: Manifest,
): Promise<void> {
  for (let sample = 0; sample < samples; sample += 1) {
    let first: { label: string; data: unknown } | undefined;
    for (const entrant of entrants) {
      const url = contenders.get(entrant.contender)?.url;
      if (url === undefined) throw new Error(`${entrant.contender} does not run`);
      const data = await answerOf(scenario, entrant, manifest, url, sample);
      if (!scenario.isCompared) continue;
      first ??= { label: entrant.label, data };
      const path = difference(first.data, data);
      if (path !== undefined) {
        throw new Error(
          `${scenario.id}: ${entrant.label} does not answer what ${first.label} answers, at ${path}.\n` +
            `${first.label}: ${shortened(first.data)}\n${entrant.label}: ${shortened(data)}`,
        );
      }
    }
  }
}

async function answerOf(scenario: Scenario, entrant: Entrant, manifest: Manifest, url: string, sample: number) {
  // Drawn from the same number for every entrant: all are asked the same.
  const request = drawRequest(scenario, entrant, manifest, new Random(sample + 1));
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers: request.headers, body: request.body });
  const text = await response.text();
  const body = JSON.parse(text) as { data?: unknown; errors?: unknown };
  if (response.status !== 200 || body.errors !== undefined || body.data === undefined) {
    throw new Error(`${scenario.id}: ${entrant.label} answers ${response.status} ${text.slice(0, 1000)}`);
  }
  const translation = entrant.contender === 'postgraphile' ? request.operation.postgraphile : undefined;
  return translation === undefined ? body.data : translation.answer(body.data as never);
}

/** Path of the first difference; undefined where there is none. The order of keys does not count. */
export function difference(left: unknown, right: unknown, path = 'data'): string | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    return Math.abs(left - right) <= tolerance * Math.max(1, Math.abs(left)) ? undefined : path;
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return isDeepStrictEqual(left, right) ? undefined : path;
  }
  if (Array.isArray(left) !== Array.isArray(right)) return path;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const key of keys) {
    const found = difference(
      (left as Record<string, unknown>)[key],
      (right as Record<string, unknown>)[key],
      `${path}.${key}`,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function shortened(value: unknown): string {
  return JSON.stringify(value).slice(0, 300);
}
