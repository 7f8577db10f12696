import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { covers } from '../../../auth/scopes/covers.js';
import { grantPatterns } from '../../../auth/scopes/grant-patterns.js';
import { parseScopes } from '../../../auth/scopes/parse-scopes.js';
import { reachableValues } from '../../../auth/scopes/reachable-values.js';

const grantsOf = (...filters: string[]) =>
  grantPatterns(
    parseScopes(
      filters.map((resourceFilter) => ({ action: 'read', resourceFilter })),
      'scopes',
    ),
  );
const site = '01a201e3-3938-70c9-abb4-a3a3f5888adb';
const other = '01a201e3-3938-70c9-abb4-a3a3f5888adc';
const metric = 'mdef_01m80y6dp2ezfvp9e37cswtfak';

describe('values that scopes leave for a place of a path', () => {
  it.each<[string, string[], readonly string[] | undefined]>([
    ['one place each', [`PLACE/Site/${site}/THING/#/#`, `PLACE/Site/${other}/THING/#/#`], [site, other]],
    ['an open one among them', [`PLACE/Site/${site}/THING/#/#`, 'PLACE/Fleet/#/THING/#/#'], undefined],
    ['everything', ['*'], undefined],
    ['another noun only', [`PLACE/Site/${site}`], []],
  ])('%s', (_what, filters, values) => {
    expect(reachableValues(grantsOf(...filters), 'THING', 2)).toEqual(values);
  });

  it('tells kinds of definitions apart', () => {
    const grants = grantsOf(`DEFINITION/Metric/${metric}`, 'DEFINITION/ThingType/#');
    expect(reachableValues(grants, 'DEFINITION', 2, { place: 1, value: 'Metric' })).toEqual([metric]);
    expect(reachableValues(grants, 'DEFINITION', 2, { place: 1, value: 'ThingType' })).toBeUndefined();
    expect(reachableValues(grants, 'DEFINITION', 2, { place: 1, value: 'ThingTypeVersion' })).toEqual([]);
  });

  it('never leave out what the scopes cover', () => {
    const id = fc.constantFrom(site, other, '#');
    const filter = fc.tuple(fc.constantFrom('Site', 'Fleet', '#'), id, id).map((parts) => {
      const [type, place, thing] = parts;
      return `PLACE/${type}/${place}/THING/#/${thing}`;
    });
    fc.assert(
      fc.property(fc.array(filter, { minLength: 1, maxLength: 4 }), fc.constantFrom(2, 5), (filters, place) => {
        const scopes = parseScopes(
          filters.map((resourceFilter) => ({ action: 'read', resourceFilter })),
          'scopes',
        );
        const values = reachableValues(grantPatterns(scopes), 'THING', place);
        for (const placeId of [site, other]) {
          for (const thingId of [site, other]) {
            const path = `PLACE/Site/${placeId}/THING/tdefi_01m80y6dp2ezfvp9e37cswtfak/${thingId}`;
            const value = place === 2 ? placeId : thingId;
            if (covers(scopes, 'read', path)) expect(values ?? [value]).toContain(value);
          }
        }
      }),
    );
  });
});
