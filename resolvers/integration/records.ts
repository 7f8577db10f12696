import type { DeliveryRow, InboundEventRow, ResourceMappingRow } from '../../db/tables/integration-records.js';
import { connectionOf, countedConnectionOf } from '../connection.js';
import type {
  DeliveryConnectionResolvers,
  DeliveryResolvers,
  InboundEventConnectionResolvers,
  ResourceMappingConnectionResolvers,
  ResourceMappingResolvers,
} from '../types.generated.js';

/** Fields of deliveries that have another name in their table. */
export const Delivery: DeliveryResolvers = { nextAttemptAt: ({ dueAt }) => dueAt };

/** Pages of deliveries. */
export const DeliveryConnection: DeliveryConnectionResolvers = connectionOf<DeliveryRow>();

/** Pages of inbound events. */
export const InboundEventConnection: InboundEventConnectionResolvers = connectionOf<InboundEventRow>();

/** Fields of resource mappings: a thing and a place have columns of their own. */
export const ResourceMapping: ResourceMappingResolvers = {
  resourceBaseType: ({ thingId }) => (thingId === null ? 'PLACE' : 'THING'),
  resourceId: ({ thingId, placeId }) => thingId ?? placeId ?? '',
};

/** Pages of resource mappings. */
export const ResourceMappingConnection: ResourceMappingConnectionResolvers = countedConnectionOf<ResourceMappingRow>();
