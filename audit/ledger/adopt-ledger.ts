import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { syncDirectory } from '../sync-directory.js';
import { ledgerFileName, readLedger } from './ledger.js';
import { LedgerFault } from './ledger-fault.js';

/**
 * Has a directory go on with the ledger of another one: its lines and its certificates are copied, the lines last and
 * whole or not at all. One that has them already, and maybe more, stays as it is.
 * @throws LedgerFault when `into` has lines that the other does not have: neither goes on from the other
 */
export function adoptLedger(from: string, into: string): void {
  if (resolve(from) === resolve(into)) return;
  const [theirs, ours] = [readLedger(from), readLedger(into)];
  const common = Math.min(theirs.length, ours.length);
  if (common > 0 && theirs[common - 1]?.sha256 !== ours[common - 1]?.sha256) {
    throw new LedgerFault(
      `${into} has another ledger than ${from}: set LEDGER_DIRECTORY to the one that goes on, or move the other away.`,
    );
  }
  if (ours.length >= theirs.length) return;
  mkdirSync(into, { recursive: true, mode: 0o700 });
  const certificates = join(from, 'certificates');
  if (existsSync(certificates)) cpSync(certificates, join(into, 'certificates'), { recursive: true });
  const path = join(into, ledgerFileName);
  writeFileSync(`${path}.new`, readFileSync(join(from, ledgerFileName)), { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  syncDirectory(into);
}
