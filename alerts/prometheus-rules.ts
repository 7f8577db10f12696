import type { AlertRule } from './alert-rule.js';
import { alertRules } from './alert-rules.js';

/** What the watch cannot find, because it is the watch that is gone. */
const watchAbsent = {
  name: 'WatchAbsent',
  severity: 'page',
  expression: 'absent(bulkhead_process_seen_seconds{kind="worker"})',
  forSeconds: 120,
  summary: 'The watch of Bulkhead has not shown itself for two minutes',
  remedy: 'Look whether "bulkhead start" runs; DatabaseDown says whether PostgreSQL is the cause.',
} as const;

/** The rules as a file of Prometheus: `deploy/prometheus/alerts.yml`. */
export function prometheusRules(): string {
  const rules = alertRules.map((rule) => ({ ...rule, expression: expressionOf(rule) }));
  return [
    '# Written by "npm run codegen" from alerts/alert-rules.ts.',
    'groups:',
    '  - name: bulkhead',
    '    rules:',
    ...[...rules, watchAbsent].flatMap(({ name, severity, expression, forSeconds, summary, remedy }) => [
      `      - alert: ${name}`,
      `        expr: '${expression}'`,
      `        for: ${forSeconds}s`,
      '        labels:',
      `          severity: ${severity}`,
      '        annotations:',
      `          summary: ${JSON.stringify(summary)}`,
      `          description: ${JSON.stringify(remedy)}`,
    ]),
    '',
  ].join('\n');
}

/** `min` and `max` are of all series: one that is bad is enough. */
function expressionOf({ metric, where = {}, is, threshold }: AlertRule): string {
  const labels = Object.entries(where).map(([label, value]) => `${label}="${value}"`);
  const series = `${metric}${labels.length === 0 ? '' : `{${labels.join(',')}}`}`;
  return is === 'above' ? `max(${series}) > ${threshold}` : `min(${series}) < ${threshold}`;
}
