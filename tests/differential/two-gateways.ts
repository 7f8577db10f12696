import fc from 'fast-check';
import type { GraphQLSchema } from 'graphql';
import { createSchema } from '../../server/schema.js';
import { connectAsAdmin } from '../support/admin-connection.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';
import { type Answer, ask } from './ask.js';
import { coordinatesOf } from './coordinates.js';
import { readCursors } from './cursors.js';
import { differenceOf } from './difference.js';
import { fillEstate } from './estate/estate.js';
import { freezeUseOfKeys } from './estate/odd-values.js';
import { type KeyKind, makeKeys } from './keys.js';
import { describeAsking, type Operation } from './operation.js';
import { OperationArbitrary } from './operation-arbitrary.js';

/** Two gateways on the same databases: one plans what it can, one leaves everything to the resolvers. */
export interface TwoGateways {
  readonly deployment: TestDeployment;
  readonly schema: GraphQLSchema;
  readonly keys: Readonly<Record<KeyKind, string>>;
  /** Random operations on what is in the databases. */
  readonly operations: OperationArbitrary;
  readonly plannedUrl: string;
  readonly resolvedUrl: string;
}

/** Starts both, on two organizations with an estate each, of which nothing changes any more. */
export async function startTwoGateways(): Promise<TwoGateways> {
  const deployment = await startTestDeployment();
  try {
    const [own, other] = await Promise.all([fillEstate(deployment, 'Own'), fillEstate(deployment, 'Other')]);
    const keys = await makeKeys(own, other);
    const admin = connectAsAdmin(deployment.cluster, new URL(deployment.adminUrl('operational')).pathname.slice(1));
    await freezeUseOfKeys(admin, [...own.ids.apiKeys, ...other.ids.apiKeys]);
    await admin.end();
    const filledMs = Date.now();
    const [ownCursors, otherCursors] = await Promise.all([readCursors(own, filledMs), readCursors(other, filledMs)]);
    const known = { own, other, ownCursors, otherCursors, filledMs };
    const resolving = await deployment.startGateway({ planned: false });
    const schema = createSchema();
    return {
      deployment,
      schema,
      keys,
      operations: new OperationArbitrary(schema, known),
      plannedUrl: deployment.gateway.url,
      resolvedUrl: resolving.url,
    };
  } catch (error) {
    await deployment.stop();
    throw error;
  }
}

/** What many comparisons have met. */
export interface Tally {
  /** Requests whose answers were compared. */
  askings: number;
  /** Of these, requests that were refused as a whole. */
  refused: number;
  /** Fields that were selected. */
  readonly coordinates: Set<string>;
}

/** A tally of nothing. */
export function newTally(): Tally {
  return { askings: 0, refused: 0, coordinates: new Set() };
}

/** Alters the answer of the planning gateway before it is compared: to see that a difference is found. */
export type Alteration = (answer: Answer) => Answer;

/**
 * Asks both gateways for an operation.
 * @throws Error with all that is needed to see the difference
 */
export async function compare(
  gateways: TwoGateways,
  operation: Operation,
  tally: Tally,
  alter: Alteration = (answer) => answer,
): Promise<void> {
  const { keys, plannedUrl, resolvedUrl } = gateways;
  for (const coordinate of coordinatesOf(gateways.schema, operation.document)) tally.coordinates.add(coordinate);
  for (const asking of operation.askings) {
    const [answer, resolved] = await Promise.all(
      [plannedUrl, resolvedUrl].map((url) => ask(url, keys[asking.key], operation, asking)),
    );
    if (answer === undefined || resolved === undefined) throw new Error('two answers were asked for');
    const planned = alter(answer);
    tally.askings += 1;
    if (!/"data" *:/.test(resolved.text)) tally.refused += 1;
    const difference = differenceOf(planned, resolved);
    if (difference === undefined) continue;
    throw new Error(
      [
        `planned and resolved differ in ${difference}`,
        operation.document,
        describeAsking(asking),
        `planned:  ${planned.status} ${planned.text}`,
        `resolved: ${resolved.status} ${resolved.text}`,
        ...gateways.deployment.logLines.filter((line) => line.includes('"request failed"')).slice(-2),
      ].join('\n'),
    );
  }
}

/** Runs of fast-check beside each other: each has a seed of its own, and waits for its two answers. */
const lanes = 8;

/**
 * Compares random operations until one differs.
 * @param runs operations in all
 * @returns a report of fast-check with the smallest operation that differs, with seed and path to get there again;
 * undefined if none does
 */
export async function findDifference(
  gateways: TwoGateways,
  runs: number,
  tally: Tally,
  alter?: Alteration,
): Promise<{ readonly operation: Operation; readonly report: string } | undefined> {
  let failed: number | undefined;
  const reports: fc.RunDetails<[Operation]>[] = await Promise.all(
    Array.from({ length: lanes }, (_, lane) =>
      fc.check(
        fc.asyncProperty(gateways.operations, async (operation) => {
          // One lane is enough to make a difference small.
          if (failed !== undefined && failed !== lane) return;
          try {
            await compare(gateways, operation, tally, alter);
          } catch (error) {
            failed ??= lane;
            throw error;
          }
        }),
        { numRuns: Math.ceil(runs / lanes), seed: Number(fc.readConfigureGlobal().seed) + lane },
      ),
    ),
  );
  const found = failed === undefined ? undefined : reports[failed];
  const operation = found?.counterexample?.[0];
  if (found === undefined || operation === undefined) return undefined;
  return { operation, report: `${fc.defaultReportMessage(found)}\n${found.errorInstance}` };
}
