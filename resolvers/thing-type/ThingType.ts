import type { ThingTypeVersionRow } from '../../db/tables/definitions.js';
import type { ThingRow } from '../../db/tables/things.js';
import { readPage } from '../../domain/read-page.js';
import { thingList } from '../../domain/thing/thing-list.js';
import { thingTypeVersionList } from '../../domain/thing-type/thing-type-version-list.js';
import { loadRelated } from '../load-related.js';
import type { ThingTypeResolvers } from '../types.generated.js';

/** Fields of thing types that are not columns of their rows. */
export const ThingType: ThingTypeResolvers = {
  latestVersion: (type, _args, { loaders }) =>
    loadRelated(loaders.thingTypeVersion, type.latestVersionId, 'thing type version'),
  versions: (type, { first, after }, { operational, identity }) =>
    readPage<ThingTypeVersionRow>(operational, identity, thingTypeVersionList(type.id), { first, after }),
  things: (type, { first, after, search }, { operational, identity }) =>
    readPage<ThingRow>(operational, identity, thingList({ typeId: type.id, search }), { first, after }),
  isDeleted: (type) => type.deletedAt !== null,
};
