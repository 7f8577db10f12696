import { requireAction } from '../../auth/authorize.js';
import { templatePath } from '../../auth/scopes/resource-path.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { getTemplate } from '../template/get-template.js';
import { getThing } from '../thing/get-thing.js';
import { pathOfThing } from '../thing/path-of-thing.js';
import type { Settings } from './change-settings.js';
import { visible } from './visible.js';

/**
 * Refuses settings that lead a hook to what its maker may not use by itself: what comes in is written without asking
 * again. Only what changes is asked for.
 * @throws BulkheadError BAD_USER_INPUT for a thing or template that is not visible, FORBIDDEN without `write` on the thing
 * or `read` on the template
 */
export async function checkTargets(tx: OrgTransaction, after: Settings, before: Settings = {}): Promise<void> {
  const changed = (key: string) => (after[key]?.[0] === before[key]?.[0] ? undefined : after[key]?.[0]);
  const thingId = changed('thingId');
  if (thingId !== undefined) {
    const thing = await visible('input.properties.thingId', getThing(tx, thingId));
    requireAction(tx.identity, 'write', pathOfThing(thing), 'thing');
  }
  const templateId = changed('templateId');
  if (templateId !== undefined) {
    const template = await visible('input.properties.templateId', getTemplate(tx, templateId));
    requireAction(tx.identity, 'read', templatePath(template.target, template.id), 'template');
  }
}
