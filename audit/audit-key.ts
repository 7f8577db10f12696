import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** Public half of an audit key, with the name that its notes carry. */
export interface AuditVerifier {
  /** Name of the key in signed notes: `bulkhead/<deployment id>`. */
  readonly name: string;
  /** Ed25519 public key, 32 bytes. */
  readonly publicKey: Buffer;
}

/** What signs checkpoints and statements; only the worker has it. */
export interface AuditSigner extends AuditVerifier {
  readonly privateKey: KeyObject;
}

/** What the audit key signs beside checkpoints. Whoever signs something new adds its purpose here. */
export type StatementPurpose = 'audit-leaf' | 'deletion-certificate' | 'ledger-entry' | 'drill';

/** PKCS #8 and SPKI of Ed25519 up to the key itself (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
/** Signature type of Ed25519 in signed notes. */
const ed25519Type = Buffer.from([1]);

/**
 * The signer of a deployment.
 * @param seed the audit key, 32 bytes (RFC 8032)
 * @param deployment id of the deployment
 */
export function auditSigner(seed: Buffer, deployment: string): AuditSigner {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length);
  return { name: `bulkhead/${deployment}`, publicKey, privateKey };
}

/** Id of a key in signed notes (C2SP signed-note): 4 bytes. */
export function keyId({ name, publicKey }: AuditVerifier): Buffer {
  return createHash('sha256').update(`${name}\n`).update(ed25519Type).update(publicKey).digest().subarray(0, 4);
}

/** A public key as text: the verifier key of C2SP signed-note, `<name>+<key id>+<base64>`. */
export function formatVerifierKey(key: AuditVerifier): string {
  return `${key.name}+${keyId(key).toString('hex')}+${Buffer.concat([ed25519Type, key.publicKey]).toString('base64')}`;
}

/** Reads a verifier key; undefined for a text that is none, or whose id does not fit. */
export function parseVerifierKey(text: string): AuditVerifier | undefined {
  const [, name = '', id, base64 = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== 33 || bytes[0] !== ed25519Type[0]) return undefined;
  const key = { name, publicKey: bytes.subarray(1) };
  return keyId(key).toString('hex') === id ? key : undefined;
}

/** Signs the text of a note (`audit/log/checkpoint-note.ts`) and nothing else: statements have a prefix of their own. */
export function signNoteText(signer: AuditSigner, text: string): Buffer {
  return sign(null, Buffer.from(text), signer.privateKey);
}

/** Whether a signature of a note's text is of this key. */
export function isSignatureOfNote(key: AuditVerifier, text: string, signature: Buffer): boolean {
  return verify(null, Buffer.from(text), publicKeyOf(key), signature);
}

/**
 * Signs a statement of the deployment: Ed25519 over `bulkhead statement v1`, a line feed, the purpose, a line feed, the
 * name of the key, a line feed and the content. No note begins so, and no purpose is the beginning of another's line: a
 * signature is worth nothing for anything else.
 * @returns 64 bytes
 */
export function signStatement(signer: AuditSigner, purpose: StatementPurpose, content: string | Uint8Array): Buffer {
  return sign(null, statementBytes(signer, purpose, content), signer.privateKey);
}

/** Whether a signature of a statement is of this key. */
export function isSignatureOfStatement(
  key: AuditVerifier,
  purpose: StatementPurpose,
  content: string | Uint8Array,
  signature: Buffer,
): boolean {
  return verify(null, statementBytes(key, purpose, content), publicKeyOf(key), signature);
}

function statementBytes({ name }: AuditVerifier, purpose: StatementPurpose, content: string | Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`bulkhead statement v1\n${purpose}\n${name}\n`), Buffer.from(content)]);
}

const publicKeys = new WeakMap<Buffer, KeyObject>();

function publicKeyOf({ publicKey }: AuditVerifier): KeyObject {
  let key = publicKeys.get(publicKey);
  if (key === undefined) {
    key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' });
    publicKeys.set(publicKey, key);
  }
  return key;
}
