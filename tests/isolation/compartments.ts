import { operatorIdentity } from '../../auth/identity.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { getApiKey } from '../../domain/api-key/get-api-key.js';
import { getIntegration } from '../../domain/integration/get-integration.js';
import { getLevel } from '../../domain/level/get-level.js';
import { getMetric } from '../../domain/metric/get-metric.js';
import { getPlace } from '../../domain/place/get-place.js';
import { getThing } from '../../domain/thing/get-thing.js';
import { createSchema } from '../../server/schema.js';
import type { GraphqlClient } from '../support/graphql-client.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';
import { type DataDigest, digestOf } from './data-digest.js';
import { type Seed, type SeedIds, seed } from './seed.js';
import { seedFindings } from './seed-findings.js';
import type { Sides } from './sweep/attack.js';
import { ghostOf } from './sweep/known.js';
import { coordinatesOf } from './sweep/positions.js';
import { type Walk, walk } from './sweep/walk.js';

/** The schema as the gateway has it. */
export const schema = createSchema();

/** All fields of the schema that can be called, those that only read first: what was refused is in the audit log of A. */
export const coordinates = coordinatesOf(schema).sort(
  (one, other) => Number(one.type === 'Mutation') - Number(other.type === 'Mutation'),
);

/** A deployment with two organizations that hold the same things, and what is stored of the second. */
export interface Compartments {
  readonly deployment: TestDeployment;
  readonly a: Seed;
  readonly b: Seed;
  readonly before: DataDigest;
  /** A with a key that may do everything in it, against B. */
  readonly sides: Sides;
}

/** Makes and fills both organizations. */
export async function buildCompartments(): Promise<Compartments> {
  const deployment = await startTestDeployment();
  const [a, b] = await Promise.all([
    deployment.createOrganization('A').then((organization) => seed(organization, 'A')),
    deployment.createOrganization('B').then((organization) => seed(organization, 'B')),
  ]);
  await Promise.all([a, b].map((each) => seedFindings(deployment, each)));
  const before = await digestOf(deployment, b.ids.organization);
  return { deployment, a, b, before, sides: { own: a, other: b, ghost: ghostOf(b), client: a.client } };
}

/** Answers that change by themselves: the tokens that are left, and how far the audit log is sealed. */
const restless = ['Query.rateLimits', 'Query.auditCheckpoint', 'Query.auditProof'];

/** Everything that A can read, but for what changes by itself. */
export async function readAll({ a, b }: Compartments, client: GraphqlClient): Promise<Record<string, Walk>> {
  const walks: Record<string, Walk> = {};
  for (const coordinate of coordinates.filter(({ type }) => type === 'Query')) {
    if (restless.includes(coordinate.name)) continue;
    walks[coordinate.name] = await walk(schema, coordinate, client, a, b);
  }
  return walks;
}

/** Reads of the domain by an id of the other organization. */
export const readers: readonly ((tx: OrgTransaction, ids: SeedIds) => Promise<unknown>)[] = [
  (tx, ids) => getPlace(tx, 'Site', ids.site),
  (tx, ids) => getPlace(tx, 'Fleet', ids.fleet),
  (tx, ids) => getLevel(tx, ids.level),
  (tx, ids) => getThing(tx, ids.thing),
  (tx, ids) => getMetric(tx, ids.metric),
  (tx, ids) => getIntegration(tx, ids.integration),
  (tx, ids) => getApiKey(tx, ids.apiKey),
];

/** What the domain finds in a transaction of A when its own conditions say B, as by a bug that mixes two requests. */
export function readForged({ deployment, a, b }: Compartments): Promise<string[]> {
  const identity = operatorIdentity(a.ids.organization, 'test', 'test', null);
  return withOrg(deployment.operational, identity, 'read', async (tx) => {
    const forged: OrgTransaction = { ...tx, orgId: b.ids.organization };
    const outcomes = [];
    for (const reader of readers) {
      outcomes.push(
        await reader(forged, b.ids).then(
          () => 'found',
          (error: { code: string }) => error.code,
        ),
      );
    }
    return outcomes;
  });
}
