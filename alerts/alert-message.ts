import { createHash } from 'node:crypto';
import type { Alert } from './alert.js';

/** Bytes of evidence that a message carries for one alert. */
const maxEvidence = 2000;

/** The moment that Alertmanager writes for an end that has not come. */
const noEnd = '0001-01-01T00:00:00Z';

/**
 * The body of a post about alerts, in the JSON of Alertmanager's webhook (version 4), which receivers such as on-call
 * services read as it is. The fingerprint of an alert is the same each time, so that they tell repetitions.
 */
export function alertMessage(alerts: readonly Alert[], deployment: string): string {
  const isAnyFiring = alerts.some(({ isFiring }) => isFiring);
  return JSON.stringify({
    version: '4',
    groupKey: `bulkhead:${deployment}`,
    truncatedAlerts: 0,
    status: isAnyFiring ? 'firing' : 'resolved',
    receiver: 'bulkhead',
    groupLabels: { deployment },
    commonLabels: { deployment },
    commonAnnotations: {},
    externalURL: '',
    alerts: alerts.map((each) => ({
      status: each.isFiring ? 'firing' : 'resolved',
      labels: { alertname: each.name, deployment, severity: each.severity },
      annotations: {
        summary: each.summary,
        ...(each.remedy === null ? {} : { description: each.remedy }),
        evidence: JSON.stringify(each.evidence).slice(0, maxEvidence),
      },
      startsAt: each.since,
      endsAt: each.resolvedAt ?? noEnd,
      generatorURL: '',
      fingerprint: hash(`${deployment} ${each.name}`),
    })),
  });
}

/** Id of a message: the same for each attempt to send what it says. */
export function messageId(alerts: readonly Alert[]): string {
  return `alerts_${hash(JSON.stringify(alerts.map(({ name, isFiring, since, told }) => [name, isFiring, since, told])))}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
