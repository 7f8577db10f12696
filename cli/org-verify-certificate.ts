import { Command } from 'commander';
import { readCertificate } from '../audit/ledger/deletion-certificate.js';
import { readLedger } from '../audit/ledger/ledger.js';
import { exitStatus } from './exit-status.js';
import { print, printAside, printJson } from './print.js';
import { publicKeyOf, readText } from './public-key.js';

interface VerifyOptions {
  readonly publicKey?: string;
  readonly ledger?: string;
  readonly json?: boolean;
}

/** `bulkhead org verify-certificate`. */
export function orgVerifyCertificateCommand(): Command {
  return new Command('verify-certificate')
    .description('Check the signature of a certificate of deletion; needs only the file and the public key.')
    .argument('<file>', 'the certificate, as it lies in the ledger')
    .option('--public-key <key>', 'public key, or a file with it (default: that of home)')
    .option('--ledger <directory>', 'check the ledger in this directory, too: that it is whole, and has the entry')
    .option('--json', 'print {ok, certificate} or {ok, fault} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead audit key > audit.pub
  npx bulkhead org verify-certificate acme.json --public-key audit.pub
  npx bulkhead org verify-certificate acme.json --ledger /mnt/ledger --json

Exit status: 0 it is genuine, 1 it is not, 2 mistake in the command line.`,
    )
    .action(verify);
}

function verify(file: string, { publicKey, ledger, json = false }: VerifyOptions): void {
  const key = publicKeyOf(publicKey);
  const text = readText(file, '<file>');
  try {
    const certificate = readCertificate(text, key);
    if (ledger !== undefined) requireEntry(ledger, certificate.ledger);
    if (json) printJson({ ok: true, certificate });
    else print(`OK: organization ${certificate.organization} was deleted, verified ${certificate.verifiedAt}.`);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    if (json) printJson({ ok: false, fault });
    else printAside(`FAULT: ${fault}`);
    process.exitCode = exitStatus.fault;
  }
}

function requireEntry(
  directory: string,
  { number, sha256 }: { readonly number: number; readonly sha256: string },
): void {
  if (readLedger(directory)[number - 1]?.sha256 === sha256) return;
  throw new Error(`Line ${number} of the ledger is not the one that was certified.`);
}
