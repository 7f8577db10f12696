import { invalidInput } from '../../errors/bulkhead-error.js';
import type { HandlerThreads } from '../../integrations/templates/handler-threads.js';
import { readTemplateSpec } from '../../integrations/templates/template-spec.js';

/**
 * Refuses the source of a handler that cannot be run, or has no function as default export. To be asked before the
 * transaction of a change: a connection does not wait for a handler. A spec that has no source is not looked at.
 * @throws BulkheadError BAD_USER_INPUT with what the engine says; UNAVAILABLE while too many handlers wait
 */
export async function requireRunnable(handlers: HandlerThreads, orgId: string, input: unknown): Promise<void> {
  const read = readTemplateSpec('JAVASCRIPT_HANDLER', input);
  if (read?.format !== 'JAVASCRIPT_HANDLER') return;
  const answer = await handlers.run(orgId, read.spec.source);
  if (!('reason' in answer)) return;
  const detail = answer.detail === undefined ? '' : `: ${answer.detail}`;
  throw invalidInput('input.spec.source', `${answer.reason}${detail}`);
}
