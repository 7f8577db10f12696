import { type AuditSigner, type AuditVerifier, isSignatureOfNote, keyId, signNoteText } from '../audit-key.js';

/** A checkpoint of the tree of the deployment: https://c2sp.org/tlog-checkpoint, without extension lines. */
export interface Checkpoint {
  /** Name of the log: that of the key, and from the second generation on `/` and the generation. */
  readonly origin: string;
  /** Leaves of the tree. */
  readonly size: number;
  readonly root: Buffer;
}

/** Origin of the checkpoints of a generation. */
export function originOf({ name }: AuditVerifier, generation: number): string {
  return generation === 1 ? name : `${name}/${generation}`;
}

/** A checkpoint as signed note: three lines, an empty one, and the line of the signature. */
export function signCheckpoint(signer: AuditSigner, { origin, size, root }: Checkpoint): string {
  const text = `${origin}\n${size}\n${root.toString('base64')}\n`;
  const signature = Buffer.concat([keyId(signer), signNoteText(signer, text)]).toString('base64');
  return `${text}\n— ${signer.name} ${signature}\n`;
}

/** What became of the opening of a note. */
export type OpenedNote =
  | { readonly checkpoint: Checkpoint; readonly fault?: undefined }
  | { readonly fault: 'malformed' | 'not signed by the key' | 'bad signature' };

const form =
  /^(?<text>(?<origin>[^\s+]+)\n(?<size>0|[1-9][0-9]{0,15})\n(?<root>[A-Za-z0-9+/]{43}=)\n)\n(?<signatures>(?:— \S+ \S+\n)+)$/;

/** Reads a checkpoint whose note is signed by the key. Signatures of other keys are passed over. */
export function openCheckpoint(key: AuditVerifier, note: string): OpenedNote {
  const { text, origin, size, root, signatures = '' } = form.exec(note)?.groups ?? {};
  if (text === undefined || origin === undefined || root === undefined) return { fault: 'malformed' };
  const id = keyId(key);
  for (const line of signatures.trimEnd().split('\n')) {
    const [, name, base64 = ''] = line.split(' ');
    const bytes = Buffer.from(base64, 'base64');
    if (name !== key.name || bytes.length !== 68 || !bytes.subarray(0, 4).equals(id)) continue;
    if (!isSignatureOfNote(key, text, bytes.subarray(4))) return { fault: 'bad signature' };
    return { checkpoint: { origin, size: Number(size), root: Buffer.from(root, 'base64') } };
  }
  return { fault: 'not signed by the key' };
}
