import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatResourceFilter } from '../../../auth/scopes/format-resource-filter.js';
import { parseResourceFilter, parseScopes } from '../../../auth/scopes/parse-scopes.js';
import { refuseBeyondExternal } from '../../../auth/scopes/refuse-beyond-external.js';
import { resolveThingTypes, thingTypeNames } from '../../../auth/scopes/resolve-thing-types.js';
import { canonicalPath } from '../../../auth/scopes/scope.js';
import { BulkheadError } from '../../../errors/bulkhead-error.js';
import { filter, metricA, scopeInputs, typeA, typeB, uuids, versionA } from './scope-arbitraries.js';

const [id] = uuids;

function canonical(text: string): string {
  const read = parseResourceFilter(text, 'filter');
  return read === '*' ? '*' : canonicalPath(read);
}

function shortest(text: string): string {
  return formatResourceFilter({ action: 'read', filter: parseResourceFilter(text, 'filter') });
}

function refusal(work: () => unknown): BulkheadError {
  try {
    work();
  } catch (error) {
    if (error instanceof BulkheadError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('parseResourceFilter', () => {
  it.each([
    ['*', '*'],
    ['PLACE/Site/#', 'PLACE/Site/#'],
    [`PLACE/#/${id}`, `PLACE/#/${id}`],
    ['THING/#/#', 'PLACE/#/#/THING/#/#'],
    ['THING/EV Charger/#', 'PLACE/#/#/THING/EV Charger/#'],
    [`THING/${typeA}/#`, `PLACE/#/#/THING/${typeA}/#`],
    [`PLACE/Site/${id}/THING/#/#`, `PLACE/Site/${id}/THING/#/#`],
    ['PLACE/Site/AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE', 'PLACE/Site/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'],
    ['INTEGRATION/INGRESS/#/#', 'INTEGRATION/INGRESS/#/#'],
    [`INTEGRATION/#/WEBHOOK/${id}`, `INTEGRATION/#/WEBHOOK/${id}`],
    ['DEFINITION/#/#', 'DEFINITION/#/#'],
    [`DEFINITION/#/${metricA}`, `DEFINITION/Metric/${metricA}`],
    [`DEFINITION/#/${versionA}`, `DEFINITION/ThingTypeVersion/${versionA}`],
    [`ORGANIZATION/${id}`, `ORGANIZATION/${id}`],
    ['APIKEY/0aZ0aZ0aZ0aZ', 'APIKEY/0aZ0aZ0aZ0aZ'],
    ['AUDIT', 'AUDIT'],
    ['SECRET/#', 'SECRET/#'],
  ])('reads %s', (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it.each([
    ['', 'segment 1 is empty'],
    ['/', 'segment 1 is empty'],
    ['AUDIT/', 'segment 2 is empty'],
    ['PLACE//x', 'segment 2 is empty'],
    ['#', 'segment 1 must be PLACE, THING,'],
    ['place/Site/#', 'segment 1 must be written in upper case'],
    ['constructor/#', 'segment 1 must be PLACE, THING,'],
    ['__proto__', 'segment 1 must be PLACE, THING,'],
    ['SIMULATION/#', 'SIMULATION is known but not built yet'],
    [`PLACE/Site/${id}/TRANSACTION/#/#`, 'TRANSACTION is known but not built yet'],
    ['PLACE', 'has fewer segments than PLACE/{placeType}/{placeId}'],
    ['PLACE/Site', 'has fewer segments than PLACE/{placeType}/{placeId}'],
    ['PLACE/site/#', 'segment 2 must be Site or Fleet, or # for any'],
    ['PLACE/Depot/#', 'segment 2 must be Site or Fleet, or # for any'],
    ['PLACE/Site/12', 'segment 3 must be a UUID'],
    ['PLACE/Site/*', 'segment 3 is "*"'],
    ['PLACE/Site/#/#', 'segment 4 must be THING after PLACE/{placeType}/{placeId}'],
    ['PLACE/Site/#/AUDIT', 'segment 4 must be THING after PLACE/{placeType}/{placeId}'],
    ['PLACE/Site/#/PLACE/Site/#', 'segment 4 must be THING after PLACE/{placeType}/{placeId}'],
    ['PLACE/Site/#/THING/#', 'has fewer segments than THING/{thingType}/{thingId}'],
    ['THING/#', 'has fewer segments than THING/{thingType}/{thingId}'],
    ['THING/#/#/#', 'has more segments than THING/{thingType}/{thingId}'],
    ['THING/#/#/PLACE/#/#', 'has more segments than THING/{thingType}/{thingId}'],
    ['THING/tdefi_/#', 'segment 2 must be an id of a thing type'],
    [`THING/tdefi_${'A'.repeat(26)}/#`, 'segment 2 must be an id of a thing type'],
    ['THING/a#/#', 'segment 2 mixes "#" with other characters'],
    ['THING/##/#', 'segment 2 mixes "#" with other characters'],
    ['THING/a\u0000/#', 'segment 2 contains a control character'],
    ['THING/a\u0085/#', 'segment 2 contains a control character'],
    ['THING/a\u2028/#', 'segment 2 contains a control character'],
    ['THING/\ud800/#', 'segment 2 contains a control character or half a surrogate pair'],
    ['THING/\udc00\ud800/#', 'segment 2 contains a control character or half a surrogate pair'],
    [`THING/${'x'.repeat(101)}/#`, 'segment 2 must be an id of a thing type'],
    [`THING/${'x'.repeat(201)}/#`, 'segment 2 is longer than 200'],
    [`AUDIT${'/x'.repeat(16)}`, 'must have at most 16 segments'],
    ['INTEGRATION/INBOUND/#/#', 'segment 2 must be INGRESS or EGRESS'],
    ['INTEGRATION/EGRESS/webhook/#', 'segment 3 must be the name of an integration type'],
    [`DEFINITION/Metric/${typeA}`, 'segment 3 must start with mdef_ after Metric'],
    [`DEFINITION/ThingTypeVersion/${typeA}`, 'segment 3 must start with tdef_ after ThingTypeVersion'],
    ['DEFINITION/#/alt_a', 'segment 3 must be an id of a definition'],
    [`DEFINITION/#/${metricA}a`, 'segment 3 must be an id of a definition'],
    [`DEFINITION/#/${metricA.slice(0, -1)}`, 'segment 3 must be an id of a definition'],
    ['APIKEY/0aZ', 'segment 2 must be an id of a key'],
    ['AUDIT/#', 'has more segments than AUDIT'],
    ['SECRET/not-a-uuid', 'segment 2 must be a UUID'],
    ['* ', 'segment 1 must be PLACE, THING,'],
  ])('refuses %j', (text, reason) => {
    const error = refusal(() => parseResourceFilter(text, 'input.filter'));
    expect(error.code).toBe('BAD_USER_INPUT');
    expect(error.details.field).toBe('input.filter');
    expect(error.message).toContain(`input.filter: ${reason}`);
  });

  it('counts the characters of a display name, not its UTF-16 units', () => {
    expect(canonical(`THING/${'🔋'.repeat(100)}/#`)).toContain('🔋');
  });

  it('reads back what it writes, canonical and shortest', () => {
    fc.assert(
      fc.property(filter, (text) => {
        expect(canonical(canonical(text))).toBe(canonical(text));
        expect(canonical(shortest(text))).toBe(canonical(text));
        expect(shortest(text).length).toBeLessThanOrEqual(canonical(text).length);
      }),
    );
  });

  it('reads or refuses any text, and never repeats it', () => {
    const words = fc.constantFrom(
      'PLACE',
      'THING',
      'Site',
      '#',
      '*',
      '',
      'secret-value',
      id,
      '\ud800',
      metricA,
      'AUDIT',
    );
    const anyText = fc.oneof(
      fc.array(words, { maxLength: 18 }).map((parts) => parts.join('/')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          canonical(text);
        } catch (error) {
          expect(error).toBeInstanceOf(BulkheadError);
          expect((error as Error).message).not.toContain('secret-value');
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('formatResourceFilter', () => {
  it.each([
    ['*', '*'],
    ['PLACE/#/#', 'PLACE/#/#'],
    [`PLACE/#/#/THING/${typeA}/#`, `THING/${typeA}/#`],
    ['PLACE/Site/#/THING/#/#', 'PLACE/Site/#/THING/#/#'],
    [`PLACE/#/${id}/THING/#/#`, `PLACE/#/${id}/THING/#/#`],
    ['AUDIT', 'AUDIT'],
  ])('writes %s as %s', (text, expected) => {
    expect(shortest(text)).toBe(expected);
  });
});

describe('parseScopes', () => {
  it('removes repetitions, also those in another spelling, and keeps the order', () => {
    const scopes = parseScopes(
      [
        { action: 'write', resourceFilter: 'THING/#/#' },
        { action: 'read', resourceFilter: 'AUDIT' },
        { action: 'write', resourceFilter: 'PLACE/#/#/THING/#/#' },
        { action: 'write', resourceFilter: 'AUDIT' },
      ],
      'scopes',
    );
    expect(scopes.map((scope) => `${scope.action} ${formatResourceFilter(scope)}`)).toEqual([
      'write THING/#/#',
      'read AUDIT',
      'write AUDIT',
    ]);
  });

  it('refuses none and too many scopes', () => {
    const scope = { action: 'read', resourceFilter: 'AUDIT' };
    expect(refusal(() => parseScopes([], 'input.scopes')).message).toBe('input.scopes: must hold 1 to 64 scopes');
    expect(parseScopes(new Array(64).fill(scope), 'input.scopes')).toHaveLength(1);
    expect(refusal(() => parseScopes(new Array(65).fill(scope), 'input.scopes')).details.field).toBe('input.scopes');
  });

  it.each(['', 'READ', 'delete', ' read', 'constructor', '**'])('refuses the action %j', (action) => {
    const error = refusal(() =>
      parseScopes(
        [
          { action: 'read', resourceFilter: 'AUDIT' },
          { action, resourceFilter: '*' },
        ],
        'input.scopes',
      ),
    );
    expect(error.message).toBe('input.scopes[1].action: must be read, write, admin or *');
  });

  it('names the filter that it refuses', () => {
    const error = refusal(() => parseScopes([{ action: 'read', resourceFilter: 'AUDIT/x' }], 'input.scopes'));
    expect(error.details.field).toBe('input.scopes[0].resourceFilter');
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(scopeInputs, (input) => {
        const scopes = parseScopes(input, 'scopes');
        const written = scopes.map((scope) => ({ action: scope.action, resourceFilter: formatResourceFilter(scope) }));
        expect(parseScopes(written, 'scopes')).toEqual(scopes);
      }),
    );
  });
});

describe('resolveThingTypes', () => {
  const read = (...filters: string[]) =>
    parseScopes(
      filters.map((resourceFilter) => ({ action: 'read', resourceFilter })),
      'scopes',
    );
  const ids = new Map([
    ['Battery', typeA],
    ['100%', typeB],
  ]);
  const lookup = (name: string) => ids.get(name);

  it('replaces names by ids and merges what became equal', () => {
    const scopes = read(
      'THING/Battery/#',
      '*',
      `THING/${typeA}/#`,
      `PLACE/Site/${id}/THING/100%/#`,
      'AUDIT',
      'THING/#/#',
    );
    expect(thingTypeNames(scopes)).toEqual(['Battery', '100%']);
    const resolved = resolveThingTypes(scopes, lookup, 'scopes');
    expect(resolved.map(formatResourceFilter)).toEqual([
      `THING/${typeA}/#`,
      '*',
      `PLACE/Site/${id}/THING/${typeB}/#`,
      'AUDIT',
      'THING/#/#',
    ]);
    expect(thingTypeNames(resolved)).toEqual([]);
  });

  it('refuses a name that nothing has, in any other case too', () => {
    const error = refusal(() => resolveThingTypes(read('AUDIT', 'THING/battery/#'), lookup, 'input.scopes'));
    expect(error.message).toBe('input.scopes: distinct scope 2 names an unknown thing type');
  });

  it('takes nothing but an id from the lookup', () => {
    expect(() => resolveThingTypes(read('THING/Battery/#'), () => '#', 'scopes')).toThrow(TypeError);
  });
});

describe('refuseBeyondExternal', () => {
  const check = (action: string, resourceFilter: string) =>
    refuseBeyondExternal(parseScopes([{ action, resourceFilter }], 'scopes'), 'input.scopes');

  it.each([
    ['read', 'THING/#/#'],
    ['write', 'PLACE/#/#'],
  ])('lets %s on %s pass', (action, resourceFilter) => {
    expect(() => check(action, resourceFilter)).not.toThrow();
  });

  it.each([
    ['admin', 'APIKEY/#'],
    ['*', 'THING/#/#'],
    ['read', '*'],
  ])('refuses %s on %s', (action, resourceFilter) => {
    expect(refusal(() => check(action, resourceFilter)).details.field).toBe('input.scopes');
  });
});
