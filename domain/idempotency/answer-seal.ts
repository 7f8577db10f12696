import { createHmac, hkdfSync } from 'node:crypto';
import { decrypt, encrypt } from '../../vault/authenticated-encryption.js';

/** Bytes of an answer that is kept, at most. */
export const maxAnswerBytes = 32_768;

/** Where an answer is kept. */
export interface AnswerPlace {
  readonly orgId: string;
  readonly key: string;
  /** Fingerprint of the request, in hex. */
  readonly fingerprint: string;
}

/**
 * What the gateway does to records of Idempotency-Keys before they reach the database: answers are encrypted
 * (AES-256-GCM, bound to their place), and fingerprints are keyed, because a request may hold a secret that could be
 * guessed from a plain hash. Both keys are derived from one of the deployment (HKDF, RFC 5869).
 */
export class AnswerSeal {
  readonly #answerKey: Buffer;
  readonly #fingerprintKey: Buffer;

  /** @param key 32 bytes, the same on all gateways and not in any database */
  constructor(key: Buffer) {
    this.#answerKey = derived(key, 'bulkhead idempotency answer');
    this.#fingerprintKey = derived(key, 'bulkhead idempotency fingerprint');
  }

  /** HMAC-SHA-256 of a text, in hex. */
  fingerprint(text: string): string {
    return createHmac('sha256', this.#fingerprintKey).update(text, 'utf8').digest('hex');
  }

  /** Undefined for an answer over the bound. */
  seal(place: AnswerPlace, answer: string): Buffer | undefined {
    const bytes = Buffer.from(answer, 'utf8');
    return bytes.length > maxAnswerBytes ? undefined : encrypt(this.#answerKey, bytes, bytesOf(place));
  }

  /** @throws SealBroken for what was sealed for another place or with another key */
  open(place: AnswerPlace, sealed: Buffer): string {
    return decrypt(this.#answerKey, sealed, bytesOf(place)).toString('utf8');
  }
}

function derived(key: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', purpose, 32));
}

function bytesOf({ orgId, key, fingerprint }: AnswerPlace): Buffer {
  return Buffer.from(`${orgId}|${fingerprint}|${key}`, 'utf8');
}
