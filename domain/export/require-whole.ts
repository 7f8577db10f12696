import { requireAction } from '../../auth/authorize.js';
import type { Identity } from '../../auth/identity.js';
import { isSubset } from '../../auth/scopes/is-subset.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';

/**
 * An archive holds everything of an organization, so whoever asks for one or fetches it has to be able to read
 * everything, beside being allowed to administer the organization.
 * @throws BulkheadError FORBIDDEN
 */
export function requireWhole(identity: Identity): void {
  requireAction(identity, 'admin', organizationPath(identity.orgId), 'organization');
  if (!isSubset([{ action: 'read', filter: '*' }], identity.scopes)) {
    throw new BulkheadError(
      'FORBIDDEN',
      'An archive holds everything: the key needs read * beside admin ORGANIZATION/<id>',
    );
  }
}
