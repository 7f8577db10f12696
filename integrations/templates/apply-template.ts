import { invalidInput } from '../../errors/bulkhead-error.js';
import { isDeeperThan, maxJsonDepth } from '../../telemetry/coerce-json.js';
import { mapAnswer } from './map-answer.js';
import { mapRecords } from './map-records.js';
import { Mapping } from './mapping.js';
import type { RunHandler } from './run-handler.js';
import type { TemplateSpec } from './template-spec.js';

/**
 * Makes records of a document as a spec says. What the document lacks or has wrong is reported and left out.
 * @param document a JSON value
 * @throws BulkheadError BAD_USER_INPUT for a document that nests deeper than 64 levels or has more than one call takes;
 *   what `runHandler` throws
 */
export async function applyTemplate(
  { format, spec }: TemplateSpec,
  document: unknown,
  runHandler: RunHandler,
): Promise<Mapping> {
  if (isDeeperThan(document, maxJsonDepth)) {
    throw invalidInput('input.document', `nests deeper than ${maxJsonDepth} levels`);
  }
  const mapping = new Mapping();
  if (format === 'JSON_POINTER') mapRecords(spec, document, mapping);
  else mapAnswer(await runHandler(spec.source, JSON.stringify(document)), mapping);
  return mapping;
}
