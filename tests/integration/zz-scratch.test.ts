import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { graphql } from 'graphql';
import * as scalars from 'graphql-scalars';
import { createLoaders } from '../../resolvers/loaders.js';
import * as S from '../../resolvers/site/Site.js';
import * as P from '../../resolvers/place/Place.js';
import * as SC from '../../resolvers/site/Mutation.js';
import * as SQ from '../../resolvers/site/Query.js';
import * as TM from '../../resolvers/thing/Mutation.js';
import * as TQ from '../../resolvers/thing/Query.js';
import { Thing } from '../../resolvers/thing/Thing.js';
import { ThingConnection } from '../../resolvers/thing/ThingConnection.js';
import * as LM from '../../resolvers/level/Mutation.js';
import { Level } from '../../resolvers/level/Level.js';
import { LevelType } from '../../resolvers/level/LevelType.js';
import { LevelGroup } from '../../resolvers/level/LevelGroup.js';
import { LevelConnection } from '../../resolvers/level/LevelConnection.js';
import { LevelGroupConnection } from '../../resolvers/level/LevelGroupConnection.js';
import * as IM from '../../resolvers/integration/Mutation.js';
import * as IQ from '../../resolvers/integration/Query.js';
import { IntegrationConnection } from '../../resolvers/integration/IntegrationConnection.js';
import { auditEntries } from '../../db/tables/audit-entries.js';
import { newOrganization, restricted, startOperationalDatabase, write } from '../support/operational-database.js';
import { newThingType } from '../support/thing-types.js';

let op: any;
beforeAll(async () => { op = await startOperationalDatabase(); });
afterAll(() => op.stop());
const sdl = readdirSync('schema').filter((f) => f.endsWith('.graphql')).map((f) => readFileSync(`schema/${f}`, 'utf8'));
const schema = makeExecutableSchema({
  typeDefs: ['type Query type Mutation', ...sdl],
  resolverValidationOptions: { requireResolversForResolveType: 'ignore' },
  resolvers: { JSONObject: scalars.JSONObjectResolver as any, DateTime: scalars.DateTimeResolver as any,
    Site: S.Site, Place: P.Place, Thing, ThingConnection, Level, LevelType, LevelGroup, LevelConnection, LevelGroupConnection, IntegrationConnection,
    Query: { ...SQ.Query, ...TQ.Query, ...IQ.Query }, Mutation: { ...SC.Mutation, ...TM.Mutation, ...LM.Mutation, ...IM.Mutation } } as any,
});
it('runs', async () => {
  const owner = await newOrganization(op.database);
  const type = await newThingType(op.database, owner, 'Battery');
  const forgotten: string[] = [];
  const run = async (identity: any, source: string, variableValues: any = {}) => {
    const contextValue: any = { identity, operational: op.database, loaders: (createLoaders as any)(op.database, {}, identity, {}),
      telemetry: { forgetThing: async (_i: any, id: string) => { forgotten.push(id); } } };
    const r = await graphql({ schema, source, variableValues, contextValue });
    return JSON.parse(JSON.stringify({ data: r.data, errors: r.errors?.map((e) => `${e.path}: ${(e.originalError as any)?.code} ${e.message}`) }));
  };
  const out = async (identity: any, s: string, v: any = {}) => { const r = await run(identity, s, v); process.stdout.write(`${s.slice(0, 70)}\n   ${JSON.stringify(r)}\n`); return r; };
  const s = (await out(owner, 'mutation { createSite(input: {name: "S", latitude: 1, longitude: 2, address: ""}) { id } }')).data.createSite.id;
  const lt = (await out(owner, `mutation { createLevelType(input: {siteId: "${s}", name: "Building"}) { id levelType { name allowedParentTypeIds createdAt } } }`)).data.createLevelType.id;
  const lf = (await out(owner, `mutation { createLevelType(input: {siteId: "${s}", name: "Floor", allowedParentTypeIds: ["${lt}"]}) { id levelType { allowedParentTypeIds } } }`)).data.createLevelType.id;
  await out(owner, `mutation { updateLevelType(input: {id: "${lf}", name: "F"}) { levelType { name allowedParentTypeIds } } }`);
  const l = (await out(owner, `mutation { createLevel(input: {siteId: "${s}", levelTypeId: "${lt}", name: "B"}) { id level { name levelType { name } parentId siteId attributes } } }`)).data.createLevel.id;
  const f = (await out(owner, `mutation { createLevel(input: {siteId: "${s}", levelTypeId: "${lf}", parentId: "${l}", name: "B"}) { id level { parentId } } }`)).data.createLevel.id;
  await out(owner, `mutation { updateLevel(input: {id: "${f}", name: "F1", attributes: {a: 1}}) { level { name attributes updatedAt updatedBy } } moveLevel(input: {id: "${f}", parentId: "${l}"}) { level { parentId } } }`);
  const g = (await out(owner, `mutation { createLevelGroup(input: {siteId: "${s}", name: "G", levelIds: ["${l}"]}) { id levelGroup { levelIds } } }`)).data.createLevelGroup.id;
  await out(owner, `mutation { updateLevelGroup(input: {id: "${g}", levelIds: ["${f}"]}) { levelGroup { levelIds siteId name } } }`);
  await out(owner, `{ site(id: "${s}") { levelTypes { name } levels(first: 5) { totalCount nodes { name } edges { cursor } pageInfo { hasNextPage endCursor } } levelGroups(first: 5) { totalCount nodes { levelIds } } } }`);
  const i = (await out(owner, `mutation { createIntegration(input: {name: "I", direction: EGRESS, type: "WEBHOOK", properties: {u: ["a"]}}) { id integration { name direction type properties metadata } } }`)).data.createIntegration.id;
  await out(owner, `mutation { updateIntegration(input: {id: "${i}", metadata: {a: true}}) { integration { metadata updatedAt } } }`);
  await out(owner, `{ integrations(first: 1, direction: EGRESS, search: "i") { totalCount nodes { id } } integration(id: "${i}") { name } }`);
  const t = (await out(owner, `mutation { createThing(input: {placeId: "${s}", name: "T", typeName: "Battery", levelId: "${f}", integrationIds: ["${i}"]}) { id thing { placeType placeId place { name } level { name levelType { name } } typeId type { id } typeVersionId typeVersion { id } isFirstParty isSimulated integrationIds createdAt } } }`)).data.createThing.id;
  const w = restricted(owner, `write PLACE/Site/${s}`);
  await out(w, `mutation { createThing(input: {placeId: "${s}", name: "T2", typeName: "Battery"}) { id thing { id } } }`);
  await out(restricted(owner, 'write THING/#/#'), `mutation { updateThing(input: {id: "${t}", name: "T3"}) { thing { id } } }`);
  await out(restricted(owner, '* THING/#/#'), `mutation { updateThing(input: {id: "${t}", name: "T3"}) { thing { name place { name } level { name } type { id } integrationIds } } upgradeThing(input: {id: "${t}"}) { thing { typeVersionId } } }`);
  await out(restricted(owner, 'read THING/#/#'), `mutation { deleteThing(input: {id: "${t}"}) { id } }`);
  expect(forgotten).toEqual([]);
  await out(owner, `{ things(first: 5, filter: {placeId: "${s}", typeId: "${type.id}"}) { totalCount nodes { name integrationIds level { name } } } thing(id: "${t}") { name } }`);
  await out(owner, `mutation { deleteThing(input: {id: "${t}"}) { id } }`);
  expect(forgotten).toEqual([t, t]);
  await out(owner, `mutation { deleteThing(input: {id: "${t}"}) { id } }`);
  await out(owner, `mutation { a: deleteLevel(input: {id: "${l}"}) { id } b: deleteLevel(input: {id: "${f}"}) { id } c: deleteLevelGroup(input: {id: "${g}"}) { id } d: deleteLevelType(input: {id: "${lf}"}) { id } }`);
  const rows: any[] = await write(op.database, owner, (tx) => tx.db.select().from(auditEntries).orderBy(auditEntries.at));
  for (const r of rows) process.stdout.write(`${r.outcome} ${r.action} ${r.resource} ${r.change.slice(0, 160)}\n`);
});
