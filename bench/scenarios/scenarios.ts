import { scaleScenarios } from './scale.js';
import type { Scenario } from './scenario.js';
import { w0Typename } from './w0-typename.js';
import { w1List } from './w1-list.js';
import { w2Thing } from './w2-thing.js';
import { w3Update } from './w3-update.js';
import { w4Columnar, w4Ingest } from './w4-ingest.js';
import { w5Daily, w5Hourly } from './w5-year.js';
import { w6Place } from './w6-place.js';
import { w7Mixed } from './w7-mixed.js';

/** All scenarios, in the order in which they are run: those that only read come first. */
export const scenarios: readonly Scenario[] = [
  w0Typename,
  w1List,
  w2Thing,
  w5Hourly,
  w5Daily,
  w6Place,
  w3Update,
  w4Ingest,
  w4Columnar,
  w7Mixed,
];

/** The scenario of an id. */
export function scenarioOf(id: string): Scenario {
  const scenario = [...scenarios, ...scaleScenarios].find((one) => one.id === id);
  if (scenario === undefined) throw new Error(`there is no scenario ${id}`);
  return scenario;
}
