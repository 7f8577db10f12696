import type { TelemetryJobContext } from '../jobs/job-context.js';
import { telemetryOrganizations } from '../jobs/telemetry-organizations.js';
import { UsageMistake } from './usage-mistake.js';

/** Ids of the organizations with telemetry, or the one that is named. * @throws UsageMistake for an id of none
 */
export async function chosenOrganizations(context: TelemetryJobContext, orgId: string | undefined): Promise<string[]> {
  const ids = [];
  for await (const organization of telemetryOrganizations(context, 'retention')) ids.push(organization.orgId);
  if (orgId === undefined) return ids;
  if (ids.includes(orgId)) return [orgId];
  throw new UsageMistake('--org: there is no organization with telemetry of this id.');
}
