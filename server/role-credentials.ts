import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { loginRoles, type RolePasswords } from '../db/cluster.js';
import { startFault } from '../db/embedded/start-fault.js';
import { homeJson, readHomeJson } from './home-json.js';
import { replacePrivateFile } from './private-file.js';

const shape = z.partialRecord(z.enum(loginRoles), z.string().regex(/^[A-Za-z0-9_-]{20,}$/));

/**
 * Passwords of the login roles in `<home>/roles.json` (0600): each 32 random bytes in base64url, made when it is missing,
 * also for a role that a later version adds. `prepareCluster` gives them to the roles.
 * @throws BulkheadError UNAVAILABLE when the file is damaged or cannot be written
 */
export function makeRolePasswords(home: string): RolePasswords {
  const file = credentialsFile(home);
  const known = readHomeJson(file, shape) ?? {};
  const missing = loginRoles.filter((role) => known[role] === undefined);
  const made = Object.fromEntries(missing.map((role) => [role, randomBytes(32).toString('base64url')]));
  const passwords = { ...known, ...made } as RolePasswords;
  if (missing.length > 0) replacePrivateFile(file, homeJson(passwords));
  return passwords;
}

/**
 * Passwords of the login roles of a deployment that has been started before.
 * @throws BulkheadError UNAVAILABLE when they are not there
 */
export function readRolePasswords(home: string): RolePasswords {
  const file = credentialsFile(home);
  const known = readHomeJson(file, shape);
  if (known === undefined || loginRoles.some((role) => known[role] === undefined)) {
    throw startFault(`${file} is not there or not whole: start Bulkhead once ("npm start"), or name its home.`);
  }
  return known as RolePasswords;
}

function credentialsFile(home: string): string {
  return join(home, 'roles.json');
}
