import { describe, expect, it } from '@jest/globals';
import { nouns } from '../../../auth/scopes/noun.js';
import * as path from '../../../auth/scopes/resource-path.js';
import { metricA, typeA, uuids, versionA } from './scope-arbitraries.js';

const [id, other] = uuids;

describe('builders of resource paths', () => {
  it.each([
    [path.placePath('Site', id), `PLACE/Site/${id}`],
    [path.placePath('Site', '#'), 'PLACE/Site/#'],
    [path.thingPath('Fleet', id, typeA, other), `PLACE/Fleet/${id}/THING/${typeA}/${other}`],
    [path.thingPath('#', '#', '#', '#'), 'PLACE/#/#/THING/#/#'],
    [path.integrationPath('EGRESS', 'WEBHOOK', id), `INTEGRATION/EGRESS/WEBHOOK/${id}`],
    [path.metricPath(metricA), `DEFINITION/Metric/${metricA}`],
    [path.metricPath('#'), 'DEFINITION/Metric/#'],
    [path.thingTypePath(typeA), `DEFINITION/ThingType/${typeA}`],
    [path.thingTypeVersionPath(versionA), `DEFINITION/ThingTypeVersion/${versionA}`],
    [path.organizationPath(id.toUpperCase()), `ORGANIZATION/${id}`],
    [path.apiKeyPath('0aZ0aZ0aZ0aZ'), 'APIKEY/0aZ0aZ0aZ0aZ'],
    [path.auditPath(), 'AUDIT'],
    [path.secretPath(id), `SECRET/${id}`],
  ])('make %s', (built, expected) => {
    expect(built).toBe(expected);
  });

  it('throw on values that cannot stand in a path', () => {
    expect(() => path.placePath('Site', `${id}/THING/#/#`)).toThrow(TypeError);
    expect(() => path.placePath('Site', '')).toThrow(TypeError);
    expect(() => path.thingPath('Site', id, 'Battery', other)).toThrow(TypeError);
    expect(() => path.metricPath(typeA)).toThrow(TypeError);
    expect(() => path.thingTypePath(versionA)).toThrow(TypeError);
    expect(() => path.apiKeyPath('*')).toThrow(TypeError);
  });

  it('open every value of a noun', () => {
    expect(nouns.map(path.nounPath)).toEqual([
      'PLACE/#/#',
      'PLACE/#/#/THING/#/#',
      'INTEGRATION/#/#/#',
      'DEFINITION/#/#',
      'ORGANIZATION/#',
      'APIKEY/#',
      'MONITOR/#',
      'AUDIT',
      'SECRET/#',
      'TEMPLATE/#/#',
    ]);
  });
});
