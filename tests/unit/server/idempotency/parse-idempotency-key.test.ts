import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BulkheadError } from '../../../../errors/bulkhead-error.js';
import { parseIdempotencyKey } from '../../../../server/idempotency/parse-idempotency-key.js';

/** Printable ASCII, as RFC 8941 allows it in strings. */
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const key = fc.string({ unit: fc.constantFrom(...printable), minLength: 1, maxLength: 255 });
const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** What the header is refused with. */
function refusal(header: string | readonly string[]): string {
  try {
    return `accepted ${parseIdempotencyKey(header)}`;
  } catch (error) {
    return error instanceof BulkheadError ? `${error.code} ${error.message}` : String(error);
  }
}

describe('parseIdempotencyKey', () => {
  it('reads every key of printable ASCII in quotes, and without them unless it begins with one', () => {
    fc.assert(
      fc.property(key, (text) => {
        expect(parseIdempotencyKey(quoted(text))).toBe(text);
        if (!text.startsWith('"')) expect(parseIdempotencyKey(text)).toBe(text);
      }),
    );
  });

  it('refuses every other character, wherever it stands, and does not repeat it', () => {
    const other = fc
      .integer({ min: 0, max: 0xffff })
      .filter((code) => code < 0x20 || code > 0x7e)
      .map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abc'), maxLength: 5 }), other, (text, odd) => {
        for (const header of [`${text}${odd}`, `${odd}${text}`, `"${text}${odd}"`]) {
          expect(refusal(header)).toBe('IDEMPOTENCY_KEY_INVALID Idempotency-Key: must consist of printable ASCII');
        }
      }),
    );
  });

  it.each([
    ['an astral character', '🔑', 'must consist of printable ASCII'],
    ['a letter that looks like another', 'k\u0435y', 'must consist of printable ASCII'],
    ['nothing', '', 'must have 1 to 255 characters'],
    ['nothing in quotes', '""', 'must have 1 to 255 characters'],
    ['256 characters', 'k'.repeat(256), 'must have 1 to 255 characters'],
    ['an open quote', '"key', 'must be one text in quotes, with \\" and \\\\ inside'],
    ['a bare quote inside', '"a"b"', 'must be one text in quotes, with \\" and \\\\ inside'],
    ['two keys', ['a', 'b'], 'must be sent once'],
  ])('says what is wrong with %s', (_what, header, reason) => {
    expect(refusal(header)).toBe(`IDEMPOTENCY_KEY_INVALID Idempotency-Key: ${reason}`);
  });
});
