import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** What PostgreSQL uses by default (`scram_iterations`). */
const iterations = 4096;

/**
 * The SCRAM-SHA-256 verifier of a password (RFC 5803, the form that PostgreSQL keeps in `pg_authid`). Sent instead of
 * the password in `alter role`, so that the password appears in no statement, and in no log of one.
 * @param password ASCII only, so that SASLprep changes nothing
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  if (!/^[\x21-\x7e]+$/.test(password)) throw new Error('the password of a telemetry role is printable ASCII');
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`;
}
