import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { coordinates } from '../isolation/compartments.js';
import { type Seed, seed } from '../isolation/seed.js';
import { operationOf } from '../isolation/sweep/operation.js';
import { positionsOf, replaceAt, valueAt } from '../isolation/sweep/positions.js';
import { samples } from '../isolation/sweep/samples.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

/** Texts that break what is not prepared for them: encodings, SQL with patterns and paths, sizes. */
const hostileTexts: Readonly<Record<string, string>> = {
  NUL: 'a\u0000b',
  'half a character': 'a\ud800b',
  SQL: `'; drop table app.places; -- %_\\ ../../#/*`,
  long: 'x'.repeat(20_000),
};

/** Requests at a time. */
const parallel = 10;

let deployment: TestDeployment;
let own: Seed;

beforeAll(async () => {
  deployment = await startTestDeployment();
  own = await seed(await deployment.createOrganization('Texts'), 'A');
});
afterAll(() => deployment.stop());

describe('no text in any argument makes the gateway fail', () => {
  // Once the organization has such a text for its name, the deletion takes it for a confirmation.
  const asked = coordinates.filter(({ name }) => name !== 'Mutation.deleteOrganization');
  it.each(asked.filter((coordinate) => positionsOf(coordinate).length > 0))('$name', async (coordinate) => {
    const attempts: (() => Promise<string[]>)[] = [];
    for (const sample of samples[coordinate.name] ?? []) {
      const makeArgs = await sample(own);
      for (const { path } of positionsOf(coordinate)) {
        if (valueAt(makeArgs(), path) === undefined) continue;
        for (const [name, value] of Object.entries(hostileTexts)) {
          attempts.push(async () => {
            const { document, variables } = operationOf(coordinate, own, replaceAt(makeArgs(), path, value));
            const answer = await own.client.send(document, variables);
            const isFailure = answer.status >= 500 || answer.text.includes('"INTERNAL"');
            return isFailure ? [`${path} = ${name}: ${answer.status} ${answer.text.slice(0, 300)}`] : [];
          });
        }
      }
    }
    const rest = attempts.values();
    const faults: string[] = [];
    const work = async () => {
      for (const attempt of rest) faults.push(...(await attempt()));
    };
    await Promise.all(Array.from({ length: parallel }, work));
    expect(faults).toEqual([]);
  });
});
