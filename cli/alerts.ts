import { Command } from 'commander';
import { pino } from 'pino';
import type { Alert } from '../alerts/alert.js';
import { readAlerts } from '../server/alerts-of-home.js';
import { loadConfiguration } from '../server/configuration.js';
import { print, printJson } from './print.js';

/** `bulkhead alerts`. */
export function alertsCommand(): Command {
  return new Command('alerts')
    .description('Show which alerts fire, with what to do, and which were over in the last 30 days.')
    .option('--json', 'print {firing, over} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead alerts
  npx bulkhead alerts --json | jq -r '.firing[].name'

They are read from home, where the watch of "bulkhead start" keeps them, also while PostgreSQL is down. Moments are in
UTC. What each rule watches is in docs/signals.md.`,
    )
    .action(show);
}

function show({ json = false }: { json?: boolean }): void {
  const alerts = readAlerts(loadConfiguration().BULKHEAD_HOME, pino({ level: 'silent' }));
  const firing = alerts.filter(({ isFiring }) => isFiring);
  const over = alerts.filter(({ isFiring }) => !isFiring);
  if (json) printJson({ firing, over });
  else print([...lines('Firing', firing), ...lines('Over', over)].join('\n'));
}

function lines(title: string, alerts: readonly Alert[]): string[] {
  if (alerts.length === 0) return [`${title}: none`];
  return [
    `${title}:`,
    ...alerts.flatMap(({ name, severity, summary, remedy, evidence, isFiring, since, resolvedAt }) => [
      `  ${name} (${severity}) ${moment(since)}${resolvedAt === null ? '' : ` to ${moment(resolvedAt)}`}`,
      `      ${summary}`,
      ...(isFiring && remedy !== null ? [`      ${remedy}`] : []),
      ...(isFiring ? [`      ${JSON.stringify(evidence)}`] : []),
    ]),
  ];
}

function moment(text: string): string {
  return text.slice(0, 19).replace('T', ' ');
}
