import { describe, expect, it } from '@jest/globals';
import { type GraphQLObjectType, getNamedType } from 'graphql';
import { recoveredPayload } from '../../resolvers/recovered-payload.js';
import { createSchema } from '../../server/schema.js';

/** Fields of payloads that cannot be made again from ids, and what a replay does instead when the answer was lost. */
const notRecovered: Readonly<Record<string, string>> = {
  'createApiKey.secret': 'SECRET_SHOWN_ONCE',
  'createExport.token': 'SECRET_SHOWN_ONCE',
  'createExport.export': 'asked for by its id',
  'cancelExport.export': 'asked for by its id',
  'rotateApiKey.secret': 'SECRET_SHOWN_ONCE',
  'ingestFrames.framesIngested': 'is carried out again',
  'ingestFrames.things': 'is carried out again',
  'ingestColumnar.framesIngested': 'is carried out again',
  'ingestColumnar.metrics': 'is carried out again',
  'ingestViaTemplate.report': 'is carried out again',
  'testTemplate.records': 'is carried out again',
  'testTemplate.report': 'is carried out again',
  'putSecret.name': 'kept with the outcome',
  'putSecret.version': 'kept with the outcome',
  'rotateSecret.name': 'kept with the outcome',
  'rotateSecret.version': 'kept with the outcome',
  'deleteSecret.name': 'kept with the outcome',
  'mapResource.mapping': 'its id is kept; the row is in resourceMappings of the integration',
  'testSend.delivery': 'its id is kept; the row is in deliveries of the integration',
  'deleteOrganization.requestedAt': 'its key is refused',
};

describe('payloads of mutations', () => {
  it('can be made again from the ids that are kept with a change, or are written down here', () => {
    const lost = Object.values(createSchema().getMutationType()?.getFields() ?? {}).flatMap(({ name, type }) => {
      const payload = getNamedType(type) as GraphQLObjectType;
      const ids = Object.keys(payload.getFields()).filter((field) => /^(id|[a-z]+Id)$/.test(field));
      const fields = Object.fromEntries(['id', ...ids].map((field) => [field, 'an id']));
      const sources = recoveredPayload(payload, { resource: 'A/b', fields });
      return Object.keys(sources)
        .filter((field) => refuses(sources[field]))
        .map((field) => `${name}.${field}`);
    });
    expect(lost.sort()).toEqual(Object.keys(notRecovered).sort());
  });
});

/** Sources of rows ask the database, which is not there: they reject, and do not throw. */
function refuses(source: unknown): boolean {
  if (typeof source !== 'function') return false;
  try {
    Promise.resolve(source({}, { identity: {}, loaders: {} })).catch(() => {});
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === 'ANSWER_NOT_KEPT';
  }
}
