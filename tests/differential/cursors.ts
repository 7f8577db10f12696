import type { Estate } from './estate/estate.js';

/** Cursors of one list, with the arguments that make it this list. */
export interface CursorsOfList {
  /** Field of the list, e.g. `Site.things`. */
  readonly coordinate: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly cursors: readonly string[];
}

interface Listing {
  readonly coordinate: string;
  readonly args?: Readonly<Record<string, unknown>>;
  /** Id of the object that has the list. */
  readonly parent?: string | undefined;
}

/** Lists whose cursors are worth trying: restricted and not, and of several parents. */
function listingsOf({ ids }: Estate, filledMs: number): Listing[] {
  const to = new Date(filledMs).toISOString();
  const below = (coordinate: string, parents: readonly string[], args = {}) =>
    parents.map((parent) => ({ coordinate, parent, args }));
  return [
    { coordinate: 'Query.things' },
    { coordinate: 'Query.things', args: { filter: { typeId: ids.thingTypes[1] } } },
    { coordinate: 'Query.things', args: { filter: { search: 'ROW' } } },
    { coordinate: 'Query.things', args: { filter: { placeId: ids.sites[0], search: 't' } } },
    { coordinate: 'Query.sites' },
    { coordinate: 'Query.sites', args: { search: 'm' } },
    { coordinate: 'Query.fleets' },
    { coordinate: 'Query.metricDefinitions' },
    { coordinate: 'Query.metricDefinitions', args: { lifecycle: 'ALL' } },
    { coordinate: 'Query.thingTypes' },
    { coordinate: 'Query.thingTypes', args: { lifecycle: 'ALL', search: 'e' } },
    { coordinate: 'Query.integrations' },
    { coordinate: 'Query.integrations', args: { direction: 'EGRESS' } },
    { coordinate: 'Query.templates' },
    { coordinate: 'Query.templates', args: { lifecycle: 'ALL', format: 'JSON_POINTER' } },
    { coordinate: 'Query.apiKeys' },
    { coordinate: 'Query.apiKeys', args: { status: null } },
    { coordinate: 'Query.auditEvents', args: { filter: { to } } },
    { coordinate: 'Query.auditEvents', args: { filter: { action: 'createThing', to } } },
    ...below('Site.things', ids.sites.slice(0, 2)),
    ...below('Site.things', ids.sites.slice(0, 1), { filter: { typeId: ids.thingTypes[0] } }),
    ...below('Site.levels', ids.sites.slice(0, 2)),
    ...below('Site.levels', ids.sites.slice(0, 1), { parentId: ids.levels[0] }),
    ...below('Site.levelGroups', ids.sites.slice(0, 1)),
    ...below('Fleet.things', ids.fleets.slice(0, 1)),
    ...below('ThingType.things', ids.thingTypes.slice(0, 2)),
    ...below('Template.revisions', ids.templates.slice(0, 1)),
    ...below('ThingType.versions', ids.thingTypes.slice(0, 1)),
  ];
}

/** Reads the cursors of many lists of an organization. */
export async function readCursors(estate: Estate, filledMs: number): Promise<CursorsOfList[]> {
  const found: CursorsOfList[] = [];
  for (const { coordinate, args = {}, parent } of listingsOf(estate, filledMs)) {
    const [type = '', field = ''] = coordinate.split('.');
    const list = `${field}(${['first: 100', ...Object.entries(args).map(argument)].join(', ')}) { edges { cursor } }`;
    const root = `${type[0]?.toLowerCase()}${type.slice(1)}`;
    const answer = await estate.client.ok(
      parent === undefined ? `{ ${list} }` : `{ ${root}(id: "${parent}") { ${list} } }`,
    );
    const { edges } = parent === undefined ? answer[field] : answer[root][field];
    found.push({ coordinate, args, cursors: edges.map(({ cursor }: { cursor: string }) => cursor) });
  }
  return found;
}

function argument([name, value]: [string, unknown]): string {
  return `${name}: ${literal(name, value)}`;
}

function literal(name: string, value: unknown): string {
  if (typeof value === 'object' && value !== null) return `{ ${Object.entries(value).map(argument).join(', ')} }`;
  return ['lifecycle', 'direction', 'format'].includes(name) ? String(value) : JSON.stringify(value);
}
