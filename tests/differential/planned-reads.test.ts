import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from './ask.js';
import { readableCoordinates } from './coordinates.js';
import { differenceOf } from './difference.js';
import { unstable } from './document-writer.js';
import { compare, findDifference, newTally, startTwoGateways, type TwoGateways } from './two-gateways.js';

/** Operations of a run. */
const runs = 2000;
/** Percent of the requests that are not refused that a plan has to answer: else resolvers are compared with themselves. */
const plannedPercent = 50;

let gateways: TwoGateways;

beforeAll(async () => {
  gateways = await startTwoGateways();
});

afterAll(() => gateways?.deployment.stop());

describe('planned reads', () => {
  it('answer what the resolvers answer', async () => {
    const tally = newTally();
    const before = gateways.deployment.gateway.plannedReads.planned;
    const found = await findDifference(gateways, runs, tally);
    expect(found?.report).toBeUndefined();
    expect(tally.askings).toBeGreaterThanOrEqual(runs);
    // Refused by both, an operation says nothing about plans.
    expect(tally.refused / tally.askings).toBeLessThan(0.05);
    const planned = gateways.deployment.gateway.plannedReads.planned - before;
    expect((100 * planned) / (tally.askings - tally.refused)).toBeGreaterThanOrEqual(plannedPercent);

    // What chance has left out is asked for by itself.
    const fields = readableCoordinates(gateways.schema).filter(
      (coordinate) =>
        !unstable.has(coordinate) && !/^(AuditProof|AuditCheckpoint|DataPackage|RetentionPreview)\./.test(coordinate),
    );
    const direct = newTally();
    for (const coordinate of fields.filter((each) => !tally.coordinates.has(each))) {
      await compare(gateways, gateways.operations.reaching(coordinate), direct);
      expect(direct.coordinates).toContain(coordinate);
    }
    expect(direct.refused).toBe(0);
  }, 600_000);

  it('would be found to differ, and the operation made small', async () => {
    const alter = (answer: Answer) => ({
      ...answer,
      text: answer.text.replace('"hasNextPage":true', '"hasNextPage":false'),
    });
    const found = await findDifference(gateways, runs, newTally(), alter);
    expect(found?.report).toMatch(/seed: -?\d+, path: "/);
    expect(found?.operation.askings).toHaveLength(1);
    // Nothing is left but one way to the field.
    const way = found?.operation.document.replace(/\([^)]*\)/g, '').replace(/\s+/g, ' ');
    expect(way).toMatch(/^(query \w* ?)?(\{ (\w+|\.\.\. on \w+) )+\{ hasNextPage( \})+$/);
  }, 300_000);
});

describe('the comparison', () => {
  const answer: Answer = {
    status: 200,
    headers: { 'content-type': 'application/json' },
    text: '{"errors":[{"message":"m","path":["b"],"extensions":{"code":"FORBIDDEN"}}],"data":{"a":{"n":1,"t":"x"},"b":null}}',
  };
  const altered = (from: string | RegExp, to: string): Answer => ({ ...answer, text: answer.text.replace(from, to) });

  it.each<[string, Answer]>([
    ['a value', altered('"n":1', '"n":2')],
    ['the type of a value', altered('"n":1', '"n":"1"')],
    ['null for a value', altered('"n":1', '"n":null')],
    ['a field less', altered('"n":1,', '')],
    ['the order of fields', altered('"n":1,"t":"x"', '"t":"x","n":1')],
    ['the path of an error', altered('["b"]', '["b",0]')],
    ['the code of an error', altered('FORBIDDEN', 'NOT_FOUND')],
    ['the message of an error', altered('"m"', '"other"')],
    ['an error less', altered(/"errors":\[.*?\],"data"/, '"data"')],
    ['no data', altered(/,"data":.*/, '}')],
    ['the status', { ...answer, status: 403 }],
    ['a header', { ...answer, headers: {} }],
  ])('tells of %s', (_what, other) => {
    expect(other).not.toEqual(answer);
    expect(differenceOf(answer, answer)).toBeUndefined();
    expect(differenceOf(other, answer)).toBeDefined();
    expect(differenceOf(answer, other)).toBeDefined();
  });

  it('takes any one error below a null that was passed on, and no other place', () => {
    const below = (path: string, data: string) => ({
      ...answer,
      text: `{"errors":[{"message":"${path.length}","path":${path}}],"data":${data}}`,
    });
    const one = below('["a","b","c"]', '{"a":null}');
    expect(differenceOf(one, below('["a","d"]', '{"a":null}'))).toBeUndefined();
    expect(differenceOf(one, below('["a"]', '{"a":null}'))).toBeDefined();
    expect(differenceOf(one, below('["b","c"]', '{"a":null}'))).toBeDefined();
  });
});
