import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import {
  type AuditSigner,
  type AuditVerifier,
  formatVerifierKey,
  isSignatureOfStatement,
  parseVerifierKey,
  signStatement,
} from '../audit-key.js';
import { syncDirectory } from '../sync-directory.js';

/** What a certificate says. */
export interface DeletionStatement {
  readonly type: 'bulkhead deletion certificate v1';
  readonly deployment: string;
  readonly organization: string;
  /** Moments in UTC, ISO 8601. */
  readonly requestedAt: string;
  readonly verifiedAt: string;
  readonly requestedBy: { readonly type: string; readonly id: string };
  /** What was removed, by step and name: rows by table, jobs, databases, files, keys. */
  readonly removed: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly verification: {
    /** Tables that were searched for rows of the organization, in all databases; none had any beside what is kept. */
    readonly tables: number;
    /** What is kept, by table, and why. */
    readonly kept: Readonly<Record<string, { readonly rows: number; readonly reason: string }>>;
  };
  /** The entry of the ledger that this certificate vouches for, and with it all before. */
  readonly ledger: { readonly number: number; readonly sha256: string };
}

const purpose = 'deletion-certificate';

/**
 * The file of a certificate: JSON with the statement, an Ed25519 signature of its canonical form (RFC 8785) in base64,
 * and the public key as a verifier key. The same statement always gives the same file.
 */
export function signCertificate(signer: AuditSigner, certificate: DeletionStatement): string {
  const signature = signStatement(signer, purpose, canonical(certificate)).toString('base64');
  return `${JSON.stringify({ certificate, signature, key: formatVerifierKey(signer) }, null, 2)}\n`;
}

/**
 * Reads a certificate and checks its signature.
 * @param key public key that the reader trusts
 * @throws Error that says what is wrong with it
 */
export function readCertificate(text: string, key: AuditVerifier): DeletionStatement {
  const file = parse(text);
  const own = typeof file?.key === 'string' ? parseVerifierKey(file.key) : undefined;
  if (file === undefined || own === undefined || typeof file.signature !== 'string') {
    throw new Error('This is no certificate of a deletion.');
  }
  const { certificate } = file;
  if (!key.publicKey.equals(own.publicKey) || key.name !== own.name) {
    throw new Error('The certificate was signed with another key.');
  }
  const signature = Buffer.from(file.signature, 'base64');
  if (!isSignatureOfStatement(key, purpose, canonical(certificate), signature)) {
    throw new Error('The signature does not fit: the certificate was changed, or never signed.');
  }
  return certificate;
}

/** Puts the file of a certificate into the directory of the ledger, whole or not at all, and answers its path. */
export function writeCertificate(directory: string, organization: string, file: string): string {
  const folder = join(directory, 'certificates');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${organization}.json`);
  writeFileSync(`${path}.new`, file, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  syncDirectory(folder);
  return path;
}

function parse(
  text: string,
): { readonly certificate: DeletionStatement; readonly signature: unknown; readonly key: unknown } | undefined {
  try {
    const file = JSON.parse(text);
    return file?.certificate?.type === 'bulkhead deletion certificate v1' ? file : undefined;
  } catch {
    return undefined;
  }
}

function canonical(certificate: DeletionStatement): string {
  const text = canonicalize(certificate);
  if (text === undefined) throw new TypeError('a certificate has no JSON');
  return text;
}
