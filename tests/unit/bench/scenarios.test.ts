import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, getVariableValues, parse, validate } from 'graphql';
import { drawRequest } from '../../../bench/measure/request.js';
import { planRun } from '../../../bench/options.js';
import { scaleScenarios } from '../../../bench/scenarios/scale.js';
import { scenarios } from '../../../bench/scenarios/scenarios.js';
import { Random } from '../../../bench/seed/random.js';
import { seedVersion } from '../../../bench/seed/seed-plan.js';
import { packageRoot } from '../../../db/package-root.js';

const schema = buildSchema(readFileSync(join(packageRoot, 'schema.graphql'), 'utf8'));
const organization = {
  orgId: '00000000-0000-4000-8000-000000000000',
  fullKey: 'full',
  restrictedKey: 'restricted',
};
const manifest = { seedVersion, endMs: Date.UTC(2026, 0, 1), organizations: Array(50).fill(organization) };

describe.each([...scenarios, ...scaleScenarios])('$id', (scenario) => {
  it('asks the schema for what it has, with variables that fit', () => {
    for (const operation of scenario.operations) {
      const document = parse(operation.document);
      expect(validate(schema, document)).toEqual([]);
      const [definition] = document.definitions;
      if (definition?.kind !== 'OperationDefinition') throw new Error('a scenario has one operation');
      const draw = { random: new Random(1), manifest, organization: 0, nowMs: Date.now(), cursor: undefined };
      const variables = JSON.parse(JSON.stringify(operation.variables(draw)));
      const { errors } = getVariableValues(schema, definition.variableDefinitions ?? [], variables);
      expect(errors ?? []).toEqual([]);
    }
  });

  it('draws the same requests from the same number', () => {
    for (const entrant of scenario.entrants) {
      const draw = () => drawRequest(scenario, entrant, manifest, new Random(7)).body.replace(/"timestamp":\d+/g, '');
      expect(draw().replace(/\d{13}/g, '')).toBe(draw().replace(/\d{13}/g, ''));
    }
  });

  it('has a label of its own for each entrant', () => {
    const labels = scenario.entrants.map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
  });
});

describe('a plan', () => {
  it('is everything by default, with bare peers', () => {
    const plan = planRun({});
    expect(plan.mode).toBe('full');
    expect(plan.scenarios.map(([{ id }]) => id)).toEqual(scenarios.map(({ id }) => id));
    expect(plan.scenarios.flatMap(([, entrants]) => entrants)).toEqual(scenarios.flatMap(({ entrants }) => entrants));
  });

  it('has all scenarios when it is quick, and bare peers in one', () => {
    const plan = planRun({ quick: true });
    expect(plan.mode).toBe('quick');
    expect(plan.scenarios.map(([{ id }]) => id)).toEqual(scenarios.map(({ id }) => id));
    const withBare = plan.scenarios.filter(([, entrants]) => entrants.some(({ checks }) => !checks));
    expect(withBare.map(([{ id }]) => id)).toEqual(['W1']);
  });

  it('takes variants by the beginning of their ids, and contenders by name', () => {
    const plan = planRun({ only: 'W5,W2', contenders: 'bulkhead,raw' });
    expect(plan.mode).toBe('chosen');
    expect(plan.scenarios.map(([{ id }]) => id)).toEqual(['W2', 'W5-hourly', 'W5-daily']);
    expect(plan.contenders).toEqual(['bulkhead', 'raw']);
  });

  it.each([
    [{ only: 'W9' }, /--only W9: give some of W0,/],
    [{ contenders: 'hasura' }, /--contenders hasura: give some of bulkhead,/],
    [{ rounds: 'many' }, /--rounds many: give a number above 0/],
  ])('refuses %j and says what to give', (options, complaint) => {
    expect(() => planRun(options)).toThrow(complaint);
  });
});
