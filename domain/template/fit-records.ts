import type { Mapping } from '../../integrations/templates/mapping.js';
import type { LenientBatch } from '../../telemetry/lenient-batch.js';

/** Metrics that are named at most because the thing does not have them. */
const maxNotOnType = 200;

/** What the thing made of the records of a template. */
export interface FittedRecords {
  /** Records of which some value was taken. */
  readonly readings: number;
  /** Mapped metrics that the version of the thing does not have, the first 200. */
  readonly metricsNotOnType: readonly string[];
}

/**
 * Fits records to a thing: its metrics, their data types, and the moments for which it takes readings. What does not fit
 * is added to the report of the mapping and left out.
 */
export function fitRecords(mapping: Mapping, batch: LenientBatch): FittedRecords {
  const notOnType = new Set<string>();
  let readings = 0;
  for (const { index, timestampMs, fields } of mapping.records) {
    const outside = batch.refusesInstant(timestampMs);
    if (outside !== undefined) {
      mapping.skip(index, `the timestamp ${outside}`, timestampMs);
      continue;
    }
    const fitted: { readonly metricId: string; readonly text: string }[] = [];
    let missesRequired: { readonly reason: string; readonly value: unknown } | undefined;
    for (const { metricId, value, isRequired } of fields) {
      if (!batch.has(metricId)) {
        if (notOnType.size < maxNotOnType) notOnType.add(metricId);
        continue;
      }
      const fit = batch.fit(metricId, value);
      if ('text' in fit) {
        fitted.push({ metricId, text: fit.text });
        continue;
      }
      mapping.invalid(metricId, fit.reason);
      if (isRequired)
        missesRequired ??= { reason: `the value for ${metricId}, which is required, ${fit.reason}`, value };
    }
    if (missesRequired !== undefined) mapping.skip(index, missesRequired.reason, missesRequired.value);
    else if (fitted.length === 0) mapping.skip(index, 'has no value that fits the thing');
    else {
      readings += 1;
      for (const { metricId, text } of fitted) batch.add(metricId, timestampMs, text);
    }
  }
  return { readings, metricsNotOnType: [...notOnType] };
}
