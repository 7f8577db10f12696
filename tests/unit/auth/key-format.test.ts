import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { generateKey, type KeyType, parseKey } from '../../../auth/api-keys/key-format.js';

const type = fc.constantFrom<KeyType>('EXTERNAL', 'ADMIN', 'OPERATOR');
const environment = fc.stringMatching(/^[a-z0-9]{1,16}$/);
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('generateKey and parseKey', () => {
  it('read back what was made', () => {
    fc.assert(
      fc.property(type, environment, (keyType, name) => {
        const key = generateKey(keyType, name);
        expect(parseKey(key.text)).toEqual({
          type: keyType,
          environment: name,
          id: key.id,
          secretHash: key.secretHash,
        });
        expect(key.text).not.toContain(key.secretHash.toString('hex'));
      }),
    );
  });

  it('has the documented form', () => {
    const { text, id, secretHash } = generateKey('EXTERNAL', 'prod');
    const fields = /^bhex_prod_([0-9A-Za-z]{12})_([0-9A-Za-z]{32})_([0-9A-Za-z]{6})$/.exec(text);
    expect(fields?.[1]).toBe(id);
    expect(createHash('sha256').update(fields![2]!).digest()).toEqual(secretHash);
    const check = [...fields![3]!].reduce((sum, digit) => sum * 62 + alphabet.indexOf(digit), 0);
    expect(check).toBe(crc32(text.slice(0, -7)));
    expect(generateKey('ADMIN', 'prod').text).toMatch(/^bhad_/);
    expect(generateKey('OPERATOR', 'prod').text).toMatch(/^bhop_/);
  });

  it('draws every character about equally often', () => {
    const keys = Array.from({ length: 2000 }, () => generateKey('ADMIN', 'e').text.split('_').slice(2, 4).join(''));
    const counts = new Map<string, number>();
    for (const character of keys.join('')) counts.set(character, (counts.get(character) ?? 0) + 1);
    const expected = (2000 * 44) / 62;
    const chiSquare = [...alphabet].reduce((sum, c) => sum + ((counts.get(c) ?? 0) - expected) ** 2 / expected, 0);
    // 61 degrees of freedom: exceeded by chance once in ten million runs; a modulo of a byte gives about 640 here.
    expect(chiSquare).toBeLessThan(140);
    expect(new Set(keys).size).toBe(2000);
  });

  it('refuses any other character at any place', () => {
    fc.assert(
      fc.property(
        type,
        environment,
        fc.nat(),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        (t, e, n, c) => {
          const { text } = generateKey(t, e);
          const place = n % text.length;
          fc.pre(text[place] !== c);
          expect(parseKey(text.slice(0, place) + c + text.slice(place + 1))).toBeUndefined();
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('refuses every change of one character within the alphabet', () => {
    const { text } = generateKey('ADMIN', 'local');
    for (let place = 0; place < text.length; place++) {
      for (const character of `${alphabet}_`) {
        if (character === text[place]) continue;
        expect(parseKey(text.slice(0, place) + character + text.slice(place + 1))).toBeUndefined();
      }
    }
  });

  it('refuses any text that is no key, without throwing', () => {
    const { text } = generateKey('ADMIN', 'local');
    const others = [
      '',
      '_',
      '____',
      ` ${text}`,
      `${text}\n`,
      text.slice(1),
      text.slice(0, -1),
      `${text}0`,
      `${text}_`,
      `${text}_0`,
      text.toLowerCase(),
    ];
    for (const other of [...others, text.repeat(2), 'x'.repeat(1_000_000)]) expect(parseKey(other)).toBeUndefined();
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (other) => parseKey(other) === undefined));
  });

  it.each(['', 'Prod', 'a_b', 'a-b', 'x'.repeat(17), 'prod\n'])('makes no key for the environment %j', (name) => {
    expect(() => generateKey('ADMIN', name)).toThrow(RangeError);
  });
});
