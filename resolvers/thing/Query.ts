import type { ThingRow } from '../../db/tables/things.js';
import { withOrg } from '../../db/with-org.js';
import { readPage } from '../../domain/read-page.js';
import { getThing } from '../../domain/thing/get-thing.js';
import { thingList } from '../../domain/thing/thing-list.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of things. */
export const Query = {
  things: (_root, { first, after, filter }, { operational, identity }) =>
    readPage<ThingRow>(operational, identity, thingList(filter ?? {}), { first, after }),
  thing: (_root, { id }, { operational, identity }) => withOrg(operational, identity, 'read', (tx) => getThing(tx, id)),
} satisfies QueryResolvers;
