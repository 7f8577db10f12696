import { v7, validate } from 'uuid';
import { notFound } from '../../errors/bulkhead-error.js';

/** Letters of Crockford's base 32, lower case: no i, l, o, u. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Prefixes of the ids of definitions: metric definition, thing type, version of a thing type. */
export const definitionPrefixes = ['mdef', 'tdefi', 'tdef'] as const;

/** Prefix of the id of a definition. */
export type DefinitionPrefix = (typeof definitionPrefixes)[number];

/** A new plain id: UUIDv7 (RFC 9562), so that ids sort by creation. */
export function newId(): string {
  return v7();
}

/** A new id with a prefix, of a definition or an alert: the prefix, `_`, and 26 letters of base 32 of a UUIDv7. */
export function newDefinitionId<Prefix extends DefinitionPrefix | 'alt'>(prefix: Prefix): `${Prefix}_${string}` {
  let value = BigInt(`0x${v7().replaceAll('-', '')}`);
  let text = '';
  for (let index = 0; index < 26; index++) {
    text = alphabet[Number(value & 31n)] + text;
    value >>= 5n;
  }
  return `${prefix}_${text}`;
}

/**
 * An id as PostgreSQL writes it. A text that cannot be an id names nothing, so the answer is the one for an id that
 * does not exist.
 * @throws BulkheadError NOT_FOUND
 */
export function requireUuid(id: string, noun: string): string {
  if (!validate(id)) throw notFound(noun);
  return id.toLowerCase();
}

/**
 * The id of a definition, of which the same holds.
 * @throws BulkheadError NOT_FOUND
 */
export function requireDefinitionId(id: string, prefix: DefinitionPrefix, noun: string): string {
  if (!isDefinitionId(id, prefix)) throw notFound(noun);
  return id;
}

/** Whether a text has the form of a definition id with this prefix. */
export function isDefinitionId(id: string, prefix: DefinitionPrefix): boolean {
  return id.length === prefix.length + 27 && id.startsWith(`${prefix}_`) && /^[0-9a-z]+$/.test(id.slice(-26));
}
