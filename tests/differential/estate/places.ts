import type { Create } from './estate.js';

/** Places of an estate. */
export interface Places {
  readonly sites: readonly string[];
  readonly fleets: readonly string[];
  /** Levels of the first site, then of the second. */
  readonly levels: readonly string[];
}

/** Makes sites with and without trees of levels, and fleets with and without a position. */
export async function fillPlaces(create: Create, metrics: readonly string[]): Promise<Places> {
  const [power, energy, , , mode] = metrics;
  const at = { latitude: 52.5, longitude: 13.25, address: '' };
  const sites = [
    await create('Site', {
      ...at,
      name: 'Main "campus"',
      address: "1 Quote's Road\n\tÖstersund",
      attributes: { zone: 'north', rank: 3, ratio: 0.1, small: 5e-324, live: true, '10': 'ten', '9': 'nine' },
      preferredDisplayMetricIds: [power, mode, energy],
    }),
    await create('Site', {
      ...at,
      name: 'Annex 100%',
      latitude: -90,
      longitude: 180,
      preferredDisplayMetricIds: [mode],
    }),
    await create('Site', { ...at, name: 'under_score \\ slash', latitude: 0, longitude: -0 }),
    await create('Site', { ...at, name: 'Ünïcødé 東京 🏭', attributes: { ключ: 'значение', emoji: '👩‍🔧' } }),
    await create('Site', { ...at, name: 'empty site', latitude: 1e-7, longitude: 0.1 }),
  ];
  const fleets = [
    await create('Fleet', { name: 'Vans', latitude: 48.137154, longitude: 11.576124, attributes: { a: 'b' } }),
    await create('Fleet', { name: "Trucks' & <others>", preferredDisplayMetricIds: [energy] }),
    await create('Fleet', { name: 'parked' }),
  ];
  const tree = await fillTree(create, sites[0] as string);
  return { sites, fleets, levels: [...tree, ...(await fillTree(create, sites[1] as string))] };
}

async function fillTree(create: Create, siteId: string): Promise<string[]> {
  const building = await create('LevelType', { siteId, name: 'Building' });
  const floor = await create('LevelType', { siteId, name: 'Floor', allowedParentTypeIds: [building] });
  const room = await create('LevelType', { siteId, name: 'Room "x"', allowedParentTypeIds: [floor, building] });
  const level = (name: string, levelTypeId: string, parentId?: string, more: object = {}) =>
    create('Level', { siteId, name, levelTypeId, ...(parentId === undefined ? {} : { parentId }), ...more });
  const root = await level('House', building, undefined, { address: 'Street 1', altitude: -12.75 });
  const first = await level('1', floor, root, { latitude: 1.5, longitude: 2.5, description: 'first\r\nfloor' });
  const second = await level('2%', floor, root, { attributes: { m2: 120.5, open: false } });
  const rooms = [await level('1.01', room, first), await level('2.01', room, second), await level('Lobby', room, root)];
  await create('LevelGroup', { siteId, name: 'All', levelIds: [root, first, second, ...rooms] });
  await create('LevelGroup', { siteId, name: 'None', levelIds: [] });
  await create('LevelGroup', { siteId, name: 'Rooms', levelIds: rooms.slice().reverse() });
  return [root, first, second, ...rooms];
}
