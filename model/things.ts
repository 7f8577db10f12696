import { thingIntegrations, things } from '../db/tables/things.js';
import type { Entity } from './entity.js';

/** Things. Their telemetry is in another store. */
export const Thing: Entity = {
  table: things,
  id: things.id,
  noun: 'thing',
  fields: {
    placeType: { kind: 'column', column: things.placeType, form: 'upper' },
    place: { kind: 'one', type: 'Place', key: things.placeId, noun: 'place' },
    level: { kind: 'one', type: 'Level', key: things.levelId, noun: 'level' },
    typeId: { kind: 'column', column: things.thingTypeId },
    type: { kind: 'one', type: 'ThingType', key: things.thingTypeId, noun: 'thing type' },
    typeVersionId: { kind: 'column', column: things.thingTypeVersionId },
    typeVersion: {
      kind: 'one',
      type: 'ThingTypeVersion',
      key: things.thingTypeVersionId,
      noun: 'thing type version',
    },
    integrationIds: {
      kind: 'ids',
      table: thingIntegrations,
      owner: thingIntegrations.thingId,
      value: thingIntegrations.integrationId,
      order: thingIntegrations.integrationId,
    },
  },
};
