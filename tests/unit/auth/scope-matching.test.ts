import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Action, actions } from '../../../auth/scopes/action.js';
import { covers } from '../../../auth/scopes/covers.js';
import { grantPatterns } from '../../../auth/scopes/grant-patterns.js';
import { isSubset } from '../../../auth/scopes/is-subset.js';
import { nouns } from '../../../auth/scopes/noun.js';
import { overlaps } from '../../../auth/scopes/overlaps.js';
import { parseScopes, type ScopeInput } from '../../../auth/scopes/parse-scopes.js';
import { nounPath, readPath } from '../../../auth/scopes/resource-path.js';
import type { Scope } from '../../../auth/scopes/scope.js';
import {
  grantsNaively,
  metricA,
  pathWithHashes,
  scopeInputs,
  typeA,
  typeB,
  universe,
  uuids,
} from './scope-arbitraries.js';

const [one, two] = uuids;
const resource = fc.constantFrom(...universe);
const action = fc.constantFrom(...actions);

/** Scopes written as `action filter`. */
function scopes(...texts: string[]): Scope[] {
  return parseScopes(
    texts.map((text) => {
      const space = text.indexOf(' ');
      return { action: text.slice(0, space), resourceFilter: text.slice(space + 1) };
    }),
    'scopes',
  );
}

describe('covers', () => {
  it.each([
    [`write PLACE/Site/${one}/THING/#/#`, 'write', `PLACE/Site/${one}/THING/${typeA}/${two}`, true],
    [`write PLACE/Site/${one}/THING/#/#`, 'write', `PLACE/Site/${one}`, false],
    [`write PLACE/Site/${one}/THING/#/#`, 'write', `PLACE/Site/${two}/THING/${typeA}/${two}`, false],
    [`write PLACE/Site/${one}/THING/#/#`, 'read', `PLACE/Site/${one}/THING/${typeA}/${two}`, false],
    [`write PLACE/Site/${one}/THING/${typeA}/#`, 'write', `PLACE/Site/${one}/THING/${typeB}/${two}`, false],
    [`read THING/${typeA}/#`, 'read', `PLACE/Fleet/${one}/THING/${typeA}/${two}`, true],
    [`read THING/${typeA}/#`, 'read', `PLACE/Fleet/${one}/THING/${typeB}/${two}`, false],
    ['* PLACE/Site/#', 'read', `PLACE/Site/${one}/THING/${typeA}/${two}`, false],
    ['read INTEGRATION/INGRESS/#/#', 'read', `INTEGRATION/EGRESS/WEBHOOK/${one}`, false],
    ['read DEFINITION/Metric/#', 'read', `DEFINITION/ThingType/${typeA}`, false],
    ['write PLACE/Site/#', 'write', 'PLACE/Site/#', true],
    [`write PLACE/Site/${one}`, 'write', 'PLACE/Site/#', false],
    ['* *', 'admin', 'AUDIT', true],
    ['admin *', 'write', 'AUDIT', false],
    ['read THING/Battery/#', 'read', `PLACE/Fleet/${one}/THING/${typeA}/${two}`, false],
  ] as const)('%s: %s %s is %s', (scope, wanted, path, expected) => {
    expect(covers(scopes(scope), wanted, path)).toBe(expected);
  });

  it('meets an open place of the request by an open place of one scope only', () => {
    const both = scopes('read PLACE/Site/#', 'read PLACE/Fleet/#');
    expect(covers(both, 'read', 'PLACE/#/#')).toBe(false);
    expect(covers(scopes('read PLACE/#/#'), 'read', 'PLACE/#/#')).toBe(true);
  });

  it('agrees with the rules written naively', () => {
    fc.assert(
      fc.property(scopeInputs, action, fc.oneof(resource, pathWithHashes), (input, wanted, path) => {
        // An open definition type before an id is settled by that id on both sides.
        fc.pre(!path.startsWith('DEFINITION/#/') || path.endsWith('#'));
        fc.pre(input.every(({ resourceFilter: f }) => !f.startsWith('DEFINITION/#/') || f.endsWith('#')));
        const expected = input.some((scope) => grantsNaively(scope, wanted, path));
        expect(covers(parseScopes(input, 'scopes'), wanted, path)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes nothing that is no path', () => {
    expect(() => covers(scopes('* *'), 'read', 'PLACE/Site')).toThrow(TypeError);
    expect(() => covers(scopes('* *'), 'read', '*')).toThrow(TypeError);
  });
});

describe('overlaps', () => {
  it('tells whether any scope is on a noun', () => {
    const some = scopes(`read PLACE/Site/${one}/THING/${typeA}/${two}`);
    expect(overlaps(some, 'read', nounPath('THING'))).toBe(true);
    expect(overlaps(some, 'write', nounPath('THING'))).toBe(false);
    expect(overlaps(some, 'read', nounPath('PLACE'))).toBe(false);
  });

  it('is true exactly when some resource fits both', () => {
    fc.assert(
      fc.property(scopeInputs, action, pathWithHashes, (input, wanted, path) => {
        const asked = { action: wanted, resourceFilter: path };
        const expected = universe.some(
          (candidate) =>
            grantsNaively(asked, wanted, candidate) && input.some((scope) => grantsNaively(scope, wanted, candidate)),
        );
        expect(overlaps(parseScopes(input, 'scopes'), wanted, path)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});

describe('isSubset', () => {
  it.each([
    [['read PLACE/#/#'], ['read PLACE/Site/#', 'read PLACE/Fleet/#'], true],
    [['read PLACE/#/#'], ['read PLACE/Site/#', `read PLACE/Fleet/${one}`], false],
    [[`read PLACE/#/${one}`], ['read PLACE/Site/#', `read PLACE/Fleet/${one}`], true],
    [['read THING/#/#'], ['read PLACE/Site/#/THING/#/#', 'read PLACE/Fleet/#/THING/#/#'], true],
    [[`read DEFINITION/#/${metricA}`], ['read DEFINITION/Metric/#'], true],
    [
      ['read DEFINITION/#/#'],
      ['read DEFINITION/Metric/#', 'read DEFINITION/ThingType/#', 'read DEFINITION/ThingTypeVersion/#'],
      true,
    ],
    [['* AUDIT'], ['read AUDIT', 'write AUDIT', 'admin AUDIT'], true],
    [['* AUDIT'], ['read AUDIT', 'admin AUDIT'], false],
    [['* AUDIT'], ['read *', 'write *', 'admin AUDIT'], true],
    [['read *'], nouns.map((noun) => `* ${nounPath(noun)}`), false],
    [['* *'], ['read *', 'write *', 'admin *'], true],
    [['read SECRET/#'], ['read SECRET/#', 'write *'], true],
    [['read PLACE/Site/#'], ['read PLACE/Site/#/THING/#/#'], false],
    [['read PLACE/Site/#/THING/#/#'], ['read PLACE/Site/#'], false],
  ])('%j within %j is %s', (inner, outer, expected) => {
    expect(isSubset(scopes(...inner), scopes(...outer))).toBe(expected);
  });

  it('agrees with trying every action on every resource', () => {
    let within = 0;
    fc.assert(
      fc.property(scopeInputs, scopeInputs, (inner, outer) => {
        const expected = withinByTrying(inner, outer);
        within += expected ? 1 : 0;
        expect(isSubset(parseScopes(inner, 'scopes'), parseScopes(outer, 'scopes'))).toBe(expected);
      }),
      { numRuns: 1500 },
    );
    expect(within).toBeGreaterThan(50);
  });

  it('holds for any part of a list of scopes, and carries over', () => {
    fc.assert(
      fc.property(scopeInputs, scopeInputs, scopeInputs, (a, b, c) => {
        const [x, y, z] = [a, b, c].map((input) => parseScopes(input, 'scopes')) as [Scope[], Scope[], Scope[]];
        expect(isSubset(x, [...y, ...x])).toBe(true);
        if (isSubset(x, y) && isSubset(y, z)) expect(isSubset(x, z)).toBe(true);
      }),
    );
  });
});

describe('grantPatterns', () => {
  it('lists patterns by action and noun, and leaves out what grants nothing', () => {
    expect(
      grantPatterns(
        scopes(
          'read THING/#/#',
          `* PLACE/Site/${one}`,
          'write *',
          'read INTEGRATION/EGRESS/WEB_OOK/#',
          'write THING/100%\\/#',
        ),
      ),
    ).toEqual({
      read: {
        THING: ['PLACE/%/%/THING/%/%'],
        PLACE: [`PLACE/Site/${one}`],
        INTEGRATION: ['INTEGRATION/EGRESS/WEB\\_OOK/%'],
      },
      write: { PLACE: [`PLACE/Site/${one}`], '*': ['%'], THING: ['PLACE/%/%/THING/100\\%\\\\/%'] },
      admin: { PLACE: [`PLACE/Site/${one}`] },
    });
  });

  it('grants by LIKE what the scopes cover, and nothing else', () => {
    fc.assert(
      fc.property(scopeInputs, action, (input, wanted) => {
        const read = parseScopes(input, 'scopes');
        const byNoun = grantPatterns(read)[wanted] ?? {};
        for (const path of universe) {
          const patterns = [...(byNoun[readPath(path).noun] ?? []), ...(byNoun['*'] ?? [])];
          expect(patterns.some((pattern) => like(path, pattern))).toBe(covers(read, wanted, path));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('takes literals literally, whatever characters a display name has', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'b', '%', '_', '\\', '.', '(', ' '),
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(name, name, (inScope, inPath) => {
        const read = scopes(`read THING/${inScope}/#`);
        const path = `PLACE/Site/${one}/THING/${inPath}/${two}`;
        const patterns = grantPatterns(read).read?.THING ?? [];
        expect(patterns.some((pattern) => like(path, pattern))).toBe(inScope === inPath);
      }),
      { numRuns: 1000 },
    );
  });
});

function withinByTrying(inner: readonly ScopeInput[], outer: readonly ScopeInput[]): boolean {
  // The last one is a resource of a noun that does not exist yet: granted by the filter `*` alone.
  const resources = [...universe, 'FUTURE/x'];
  const grants = (scopes: readonly ScopeInput[], wanted: Action, path: string): boolean =>
    scopes.some((scope) => grantsNaively(scope, wanted, path));
  return actions.every((wanted) =>
    resources.every((path) => !grants(inner, wanted, path) || grants(outer, wanted, path)),
  );
}

/** LIKE of PostgreSQL with the default escape character: `%` any characters, slashes too, `_` any one. */
function like(text: string, pattern: string): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return text === '';
  const tail = rest.join('');
  if (head === '%') {
    for (let start = 0; start <= text.length; start++) if (like(text.slice(start), tail)) return true;
    return false;
  }
  if (head === '\\') return text[0] === tail[0] && like(text.slice(1), tail.slice(1));
  return text !== '' && (head === '_' || head === text[0]) && like(text.slice(1), tail);
}
