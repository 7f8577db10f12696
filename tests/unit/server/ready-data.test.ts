import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nullFields, ReadyData, writeAnswer } from '../../../server/ready-data.js';

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/).filter((text) => text !== '__proto__');
const errors = [{ message: 'Grüße, "so"', path: ['a', 0], extensions: { code: 'NOT_FOUND' } }];

/** The same data as text, as a Buffer, and with the white space of PostgreSQL's `json_build_object`. */
function forms(data: object): ReadyData[] {
  const json = JSON.stringify(data);
  return [new ReadyData(json), new ReadyData(Buffer.from(json)), new ReadyData(JSON.stringify(data, null, 1))];
}

describe('ready data', () => {
  it('is written as the object would be whose text it is', () => {
    fc.assert(
      fc.property(fc.dictionary(name, fc.jsonValue(), { maxKeys: 5 }), (data) => {
        const [text, bytes] = forms(data);
        for (const rest of [{}, { errors }, { errors, extensions: { a: 1 } }]) {
          const { extensions, ...before } = { extensions: undefined, ...rest };
          const expected = `${JSON.stringify({ ...before, data, extensions })}\n`;
          expect(writeAnswer({ ...rest, data: text! })).toBe(expected);
          expect(writeAnswer({ ...rest, data: bytes! })).toEqual(Buffer.from(expected));
          expect(writeAnswer({ ...before, data, ...rest } as never)).toBe(
            `${JSON.stringify({ ...before, data, ...rest })}\n`,
          );
        }
      }),
    );
  });

  it('names its root fields where all are null, as the object does', () => {
    const value = fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, fc.jsonValue());
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 4 }), (data) => {
        const expected = nullFields(data);
        expect(expected === undefined).toBe(Object.values(data).some((each) => each !== null));
        for (const ready of forms(data)) expect(nullFields(ready)).toEqual(expected);
      }),
    );
  });

  it('is not mistaken by a long text', () => {
    const json = `{"a":null${' '.repeat(200_000)},"b":1}`;
    expect(nullFields(new ReadyData(json))).toBeUndefined();
  });
});
