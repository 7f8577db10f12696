import type { BenchResult, Measurement, ScenarioResult, TargetResult } from './results.js';

const maxColumns = 100;
/** Cores of the load generator from which on it may be the bottleneck. */
const busyGenerator = 0.9;

/** The run as tables of at most 100 columns: targets first, those that were missed before the others. */
export function textReport(result: BenchResult): string {
  const { machine, versions, rounds, secondsPerRound, connections } = result;
  const head = [
    `Bulkhead ${versions['bulkhead']} beside its peers, ${result.mode}, ${result.startedAt}`,
    `${machine['cpu']}, ${machine['cores']} cores, ${machine['memoryGb']} GB, Node ${versions['node']}, ` +
      `PostgreSQL ${versions['postgres']}`,
    `medians of ${rounds} interleaved rounds of ${secondsPerRound} s, ${connections} connections; ` +
      'CPU is ms per request',
  ];
  const parts = [head.join('\n')];
  if (result.targets.length > 0) parts.push(targetTable(result.targets));
  parts.push(...result.scenarios.map(scenarioTable));
  return `${parts.join('\n\n')}\n`;
}

/** Targets with their ratios. */
export function targetTable(targets: readonly TargetResult[]): string {
  const rows = targets.map(({ scenario, against, limit, ratio, bareRatio, met }) => [
    met ? 'met' : 'MISSED',
    scenario,
    `${limit} × ${against}`,
    `${ratio}`,
    bareRatio === undefined ? '' : `${bareRatio}`,
  ]);
  return aligned([['target', '', 'at most', 'is', 'beside bare'], ...rows], [0, 1, 2]);
}

/** All entrants of one scenario. */
export function scenarioTable(scenario: ScenarioResult): string {
  const entries = Object.entries(scenario.contenders);
  const own = (entries.find(([label]) => label.startsWith('bulkhead')) ?? [])[1];
  const rows = entries.map(([label, measured]) => [
    label,
    fixed(measured.cpuMsPerRequest.gateway),
    fixed(measured.cpuMsPerRequest.postgres),
    fixed(measured.cpuMsPerRequest.total),
    measured.cpuMsTotalRange.map(fixed).join('–'),
    own === undefined ? '' : (own.cpuMsPerRequest.total / measured.cpuMsPerRequest.total).toFixed(2),
    measured.rps.toFixed(measured.rps < 100 ? 1 : 0),
    measured.p50Ms.toFixed(1),
    measured.p99Ms.toFixed(1),
    measured.bytes === 0 ? '' : (measured.bytes / 1024).toFixed(1),
    measured.rssMb.toFixed(0),
  ]);
  const head = ['', 'gateway', 'postgres', 'total', 'min–max', 'ratio', 'req/s', 'p50', 'p99', 'KB', 'RSS'];
  const lines = [`${scenario.id}: ${scenario.title}`, aligned([head, ...rows], [0])];
  for (const [label, { operations }] of entries) {
    if (operations !== undefined) lines.push(...operationLines(label, operations));
  }
  lines.push(...[...warnings(entries), ...scenario.notes].flatMap(wrapped));
  return lines.join('\n');
}

function operationLines(label: string, operations: NonNullable<Measurement['operations']>): string[] {
  const latencies = Object.entries(operations).map(
    ([name, { p50Ms, p99Ms }]) => `${name} ${p50Ms.toFixed(1)}/${p99Ms.toFixed(1)}`,
  );
  return wrapped(`p50/p99 of ${label}: ${latencies.join(', ')}`);
}

function warnings(entries: readonly (readonly [string, Measurement])[]): string[] {
  const bound = entries.filter(([, { generatorCores }]) => generatorCores > busyGenerator).map(([label]) => label);
  const foreign = Math.max(...entries.map(([, { foreignCores }]) => foreignCores));
  return [
    ...(bound.length === 0 ? [] : [`The load generator was busy: req/s is a lower bound for ${bound.join(', ')}.`]),
    ...(foreign < 0.3 ? [] : [`Other programs took up to ${foreign.toFixed(1)} cores: compare ratios, not values.`]),
  ];
}

function fixed(value: number): string {
  return value.toFixed(value < 10 ? 3 : value < 100 ? 1 : 0);
}

/** Lines of at most 100 columns. */
function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length + 1 > maxColumns) lines.push(`  ${word}`);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

/** Columns side by side; those listed to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[], leftColumns: readonly number[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          leftColumns.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
