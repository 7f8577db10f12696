import type { ApiClient } from '../client/api-client.js';
import { type DemoSite, fleets, metrics, sites, things, thingTypes } from './model.js';
import * as operations from './operations.js';

interface Named {
  readonly id: string;
  readonly name: string;
}

interface Nodes<Node> {
  readonly nodes: readonly Node[];
}

interface PresentSite extends Named {
  readonly levelTypes: readonly Named[];
  readonly levels: Nodes<Named>;
}

interface Present {
  readonly metricDefinitions: Nodes<Named>;
  readonly thingTypes: Nodes<Named>;
  readonly sites: Nodes<PresentSite>;
  readonly fleets: Nodes<Named>;
  readonly things: Nodes<Named>;
}

/** Ids by name. */
type Ids = Map<string, string>;

/** Makes what the demo organization lacks of `model.ts`, by the public API. Run again it finds nothing to do. */
export async function buildModel(api: ApiClient): Promise<void> {
  const present = await api.run<Present>(operations.present, {}, { isRepeatable: true });
  const metricIds = idsOf(present.metricDefinitions.nodes);
  for (const metric of metrics) await ensure(api, metricIds, metric.name, operations.createMetric, metric);

  const typeIds = idsOf(present.thingTypes.nodes);
  for (const { metrics: names, ...type } of thingTypes) {
    const input = { ...type, metricIds: names.map((name) => metricIds.get(name)) };
    await ensure(api, typeIds, type.displayName, operations.createThingType, input);
  }

  const placeIds = idsOf([...present.sites.nodes, ...present.fleets.nodes]);
  const levelIds = new Map<string, Ids>();
  for (const site of sites) {
    const siteId = await ensure(api, placeIds, site.site.name, operations.createSite, site.site);
    const found = present.sites.nodes.find(({ id }) => id === siteId);
    levelIds.set(site.site.name, await buildLevels(api, siteId, site, found));
  }
  for (const fleet of fleets) await ensure(api, placeIds, fleet.name, operations.createFleet, fleet);

  const thingIds = idsOf(present.things.nodes);
  for (const { place, level, ...thing } of things) {
    const levelId = level === undefined ? {} : { levelId: levelIds.get(place)?.get(level) };
    const input = { ...thing, ...levelId, placeId: placeIds.get(place), isSimulated: true };
    await ensure(api, thingIds, thing.name, operations.createThing, input);
  }
}

async function buildLevels(
  api: ApiClient,
  siteId: string,
  site: DemoSite,
  present: PresentSite | undefined,
): Promise<Ids> {
  const typeIds = idsOf(present?.levelTypes ?? []);
  for (const { name, parents = [] } of site.levelTypes) {
    const input = { siteId, name, allowedParentTypeIds: parents.map((parent) => typeIds.get(parent)) };
    await ensure(api, typeIds, name, operations.createLevelType, input);
  }
  const levelIds = idsOf(present?.levels.nodes ?? []);
  for (const { name, type, parent } of site.levels) {
    const parentId = parent === undefined ? {} : { parentId: levelIds.get(parent) };
    const input = { siteId, name, levelTypeId: typeIds.get(type), ...parentId };
    await ensure(api, levelIds, name, operations.createLevel, input);
  }
  return levelIds;
}

function idsOf(nodes: readonly Named[]): Ids {
  return new Map(nodes.map(({ id, name }) => [name, id]));
}

async function ensure(api: ApiClient, ids: Ids, name: string, document: string, input: object): Promise<string> {
  const known = ids.get(name);
  if (known !== undefined) return known;
  const { created } = await api.run<{ created: { id: string } }>(document, { input });
  ids.set(name, created.id);
  return created.id;
}
