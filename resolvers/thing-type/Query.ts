import type { ThingTypeRow } from '../../db/tables/definitions.js';
import { withOrg } from '../../db/with-org.js';
import { readPage } from '../../domain/read-page.js';
import { getThingType } from '../../domain/thing-type/get-thing-type.js';
import { getThingTypeVersion } from '../../domain/thing-type/get-thing-type-version.js';
import { thingTypeList } from '../../domain/thing-type/thing-type-list.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of thing types and their versions. */
export const Query = {
  thingTypes: (_root, { first, after, lifecycle, search }, { operational, identity }) =>
    readPage<ThingTypeRow>(operational, identity, thingTypeList(lifecycle, search), { first, after }),
  thingType: (_root, { id }, { operational, identity }) =>
    withOrg(operational, identity, 'read', (tx) => getThingType(tx, id)),
  thingTypeVersion: (_root, { id }, { operational, identity }) =>
    withOrg(operational, identity, 'read', (tx) => getThingTypeVersion(tx, id)),
} satisfies QueryResolvers;
