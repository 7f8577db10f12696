import { defaultDataFolder } from './paths.js';
import { type ContenderName, contenderNames, type Entrant, type Scenario } from './scenarios/scenario.js';
import { scenarios } from './scenarios/scenarios.js';

/** Options of a run, as they are given. */
export interface RunOptions {
  readonly quick?: true;
  readonly fresh?: true;
  readonly json?: true;
  readonly only?: string;
  readonly contenders?: string;
  readonly rounds?: string;
  readonly seconds?: string;
  readonly connections?: string;
  readonly data?: string;
}

/** What a run measures. */
export interface RunPlan {
  readonly mode: 'quick' | 'full' | 'chosen';
  readonly scenarios: readonly (readonly [Scenario, readonly Entrant[]])[];
  readonly contenders: readonly ContenderName[];
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly warmUpSeconds: number;
  readonly settleSeconds: number;
  readonly connections: number;
  readonly dataFolder: string;
  /** Whether the seed is made anew. */
  readonly isFresh: boolean;
}

/** The one scenario in which a quick run has bare peers and the naive one, too. */
const quickWideScenario = 'W1';
/** Those that no target names, and there alone. */
const quickNever: readonly ContenderName[] = ['mercurius', 'yoga'];
const quickNarrow: readonly ContenderName[] = [...quickNever, 'naive-apollo'];

/**
 * Reads the options of a run.
 * @throws Error that names the option and what it takes
 */
export function planRun(options: RunOptions): RunPlan {
  const isQuick = options.quick === true;
  const names = chosenContenders(options.contenders);
  const chosen = chosenScenarios(options.only);
  const pairs = chosen.map((scenario) => {
    const isWide = !isQuick || scenario.id === quickWideScenario;
    const leftOut = isQuick ? (isWide ? quickNever : quickNarrow) : [];
    const entrants = scenario.entrants.filter(
      ({ contender, checks }) => names.includes(contender) && (checks || isWide) && !leftOut.includes(contender),
    );
    return [scenario, entrants] as const;
  });
  const kept = pairs.filter(([, entrants]) => entrants.length > 0);
  const isWhole = chosen.length === scenarios.length && names.length === contenderNames.length;
  return {
    mode: isWhole ? (isQuick ? 'quick' : 'full') : 'chosen',
    scenarios: kept,
    contenders: contenderNames.filter((name) =>
      kept.some(([, entrants]) => entrants.some(({ contender }) => contender === name)),
    ),
    rounds: positive('--rounds', options.rounds, 3),
    secondsPerRound: positive('--seconds', options.seconds, isQuick ? 1 : 3),
    warmUpSeconds: isQuick ? 1 : 5,
    settleSeconds: isQuick ? 0.5 : 2,
    connections: positive('--connections', options.connections, 10),
    dataFolder: options.data ?? defaultDataFolder,
    isFresh: options.fresh === true,
  };
}

/** Scenarios by the beginning of their ids: `W5` is both of its variants. */
function chosenScenarios(only: string | undefined): readonly Scenario[] {
  if (only === undefined) return scenarios;
  const wanted = only.split(',').map((id) => id.trim());
  const matches = (scenario: Scenario, id: string) => scenario.id === id || scenario.id.startsWith(`${id}-`);
  const unknown = wanted.filter((id) => !scenarios.some((scenario) => matches(scenario, id)));
  if (unknown.length > 0) {
    throw new Error(`--only ${unknown.join(',')}: give some of ${scenarios.map(({ id }) => id).join(',')}`);
  }
  return scenarios.filter((scenario) => wanted.some((id) => matches(scenario, id)));
}

function chosenContenders(text: string | undefined): readonly ContenderName[] {
  if (text === undefined) return contenderNames;
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !contenderNames.includes(name as ContenderName));
  if (unknown.length > 0) {
    throw new Error(`--contenders ${unknown.join(',')}: give some of ${contenderNames.join(',')}`);
  }
  return contenderNames.filter((name) => wanted.includes(name));
}

/** @throws Error for what is no number above 0 */
export function positive(option: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`${option} ${text}: give a number above 0`);
  return value;
}
