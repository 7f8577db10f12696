import type { LevelGroupRow, LevelRow } from '../../db/tables/places.js';
import { levelGroupList } from '../../domain/level/level-group-list.js';
import { levelList } from '../../domain/level/level-list.js';
import { readPage } from '../../domain/read-page.js';
import { placeFields } from '../place/Place.js';
import type { SiteResolvers } from '../types.generated.js';

/** Fields of sites. */
export const Site: SiteResolvers = {
  ...placeFields,
  latitude: (site) => site.latitude ?? 0,
  longitude: (site) => site.longitude ?? 0,
  address: (site) => site.address ?? '',
  levelTypes: (site, _args, { loaders }) => loaders.levelTypesOfSite.load(site.id),
  levels: (site, { first, after, parentId }, { operational, identity }) =>
    readPage<LevelRow>(operational, identity, levelList(site.id, parentId), { first, after }),
  levelGroups: (site, page, { operational, identity }) =>
    readPage<LevelGroupRow>(operational, identity, levelGroupList(site.id), page),
};
