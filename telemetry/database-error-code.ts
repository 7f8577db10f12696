/**
 * The SQLSTATE of an error of PostgreSQL, or the code of a lost connection. Looks at the property and not at the class:
 * errors of the network are made by Node, outside of any class of the driver.
 */
export function databaseErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
