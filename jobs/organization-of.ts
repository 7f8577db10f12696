import type { JobPayload } from './task.js';

/**
 * The organization of a job that concerns one.
 * @throws Error where there is none: the database puts it into every such payload
 */
export function organizationOf({ orgId }: JobPayload): string {
  if (orgId === undefined) throw new Error('the job has no organization');
  return orgId;
}
