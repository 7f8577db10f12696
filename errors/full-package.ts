import { BulkheadError } from './bulkhead-error.js';

/** What is said to who adds to an organization that has used its data package up. */
export const fullPackageMessage =
  'The data package of the organization is full, and this would add to it. Reads, other changes, deletions and exports go on; ' +
  'what is full is measured again every ten minutes';

/** The refusal of an addition to an organization that has used its data package up. */
export function fullPackage(): BulkheadError {
  return new BulkheadError('DATA_PACKAGE_FULL', fullPackageMessage);
}
