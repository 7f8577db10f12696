import { recordSpans, spanRecorder } from './traced.js';
import type { TracingConfiguration } from './tracing-configuration.js';

/**
 * Has the spans of this process recorded and sent, if it is told where to; the libraries for it are loaded only then.
 * @param part which process it is: `gateway`, `worker`
 * @returns to be called when the process ends
 */
export async function startTracing(
  part: string,
  configuration: TracingConfiguration | undefined,
): Promise<() => Promise<void>> {
  if (configuration === undefined || spanRecorder() !== undefined) return async () => {};
  const { openOtlpRecorder } = await import('./otlp-recorder.js');
  const recorder = openOtlpRecorder(part, configuration);
  recordSpans(recorder);
  return async () => {
    recordSpans(undefined);
    await recorder.close();
  };
}
