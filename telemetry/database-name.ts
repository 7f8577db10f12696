import { randomBytes } from 'node:crypto';

const namePattern = /^t_[0-9a-f]{16}$/;

/** A new name for a telemetry database and its role: `t_` and 64 random bits. Every role of a cluster can read the
 * names of all databases, so a name tells nothing about the organization. */
export function newDatabaseName(): string {
  return `t_${randomBytes(8).toString('hex')}`;
}

/** A new password for the role of a telemetry database: 32 random bytes, base64url (43 characters). */
export function newDatabasePassword(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Refuses a name that `newDatabaseName` cannot have made: provisioning must not be able to alter or drop anything else.
 * @throws Error
 */
export function requireDatabaseName(name: string): void {
  if (!namePattern.test(name)) throw new Error('a telemetry database and its role are named t_ and 16 hex digits');
}
