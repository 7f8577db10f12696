import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hole, splitAtHoles } from '../../../plan/hole.js';
import { locateHoles } from '../../../plan/locate-holes.js';

/** Stands for a hole in a value that JSON.stringify writes. */
const mark = 'mark-of-a-hole';
const leaf = fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null), fc.constant(mark));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree')),
    fc.dictionary(fc.stringMatching(/^[_A-Za-z]\w{0,5}$/), tie('tree')),
  ),
}));

function pathsOfMarks(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (value === mark) return [path];
  if (Array.isArray(value)) return value.flatMap((item, index) => pathsOfMarks(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => pathsOfMarks(item, [...path, key]));
}

describe('holes of an answer', () => {
  it('are found where they are, whatever the strings around them hold', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const text = JSON.stringify(value).replaceAll(`"${mark}"`, hole('E', '7'));
        const found = locateHoles(text);
        expect(found.map(({ path }) => path)).toEqual(pathsOfMarks(value));
        expect(found.every(({ kind, content }) => kind === 'E' && content === '7')).toBe(true);
      }),
    );
  });

  it('are told from control characters in values, which JSON escapes', () => {
    const value = { name: '\u0001E0\u0002', other: mark };
    const text = JSON.stringify(value).replace(`"${mark}"`, hole('C', '0:a:b'));
    expect(splitAtHoles(text)).toEqual({
      texts: ['{"name":"\\u0001E0\\u0002","other":', '}'],
      holes: [{ kind: 'C', content: '0:a:b' }],
    });
  });
});
