import type { Choices } from './choices.js';
import type { CursorsOfList } from './cursors.js';
import { metricInputs } from './estate/definitions.js';
import type { Estate, EstateIds } from './estate/estate.js';
import { readingDays } from './estate/readings.js';

/** What there is to ask for. */
export interface Known {
  readonly own: Estate;
  readonly other: Estate;
  readonly ownCursors: readonly CursorsOfList[];
  readonly otherCursors: readonly CursorsOfList[];
  /** Moment at which everything was in place, epoch ms: what is written from then on is not asked for. */
  readonly filledMs: number;
}

/** Arguments of a field by name; one that is absent has no entry. */
export type Args = Readonly<Record<string, unknown>>;

type Make = (choices: Choices, known: Known) => unknown;
type Noun = keyof EstateIds;

const dayMs = 86_400_000;

/** Texts that are no id, or no id of anything. */
const noIds = [
  '',
  'x',
  '0',
  "' or true --",
  '%',
  'ffffffff-ffff-4fff-8fff-ffffffffffff',
  '00000000-0000-0000-0000-000000000000',
  'mdef_00000000000000000000000000',
  'tdefi_0000000000000000000000000z',
  '\u0000',
  '\ud800',
];

/** What lists are searched for: parts of names, patterns, quotes, letters whose case is not plain, nothing. */
const searches = [
  ...['t', 'E', 'row', 'THING', 'van', 'o', ' ', '', '%', '_', '\\', '"', "'", '50%', 'r_s', '\\ "', "O'", '--'],
  ...[
    'straße',
    'STRASSE',
    'ασ',
    'ΑΣ',
    'i̇stanbul',
    'İ',
    'ß',
    'ü',
    '東京',
    '👩‍🔧',
    '\u{1f469}',
    'ż',
    'n\u0001',
    '\u2028',
    '\ud800',
  ],
  ...['tab\tand', 'a'.repeat(200), 'a'.repeat(201), '%%', '_%', 'key', '$1', '{}', 'null'],
];

/** An id of one of the nouns: mostly one that exists. */
function id(...nouns: Noun[]): Make {
  return (choices, { own, other }) => {
    const noun = choices.pick(nouns);
    const known = choices.pick(own.ids[noun]);
    return choices.weighted<() => string>([
      [30, () => known],
      [4, () => choices.pick(other.ids[noun])],
      [1, () => known.toUpperCase()],
      [1, () => `${known} `],
      [2, () => choices.pick(noIds)],
      [1, () => choices.pick(own.ids[choices.pick(['things', 'metrics', 'sites', 'apiKeys'] as const)])],
    ])();
  };
}

const search: Make = (choices, { own }) =>
  choices.chance(90) ? choices.pick(searches) : choices.pick([...own.ids.things, ...own.ids.metrics, ...own.ids.sites]);

const first: Make = (choices) =>
  choices.weighted<() => number>([
    [50, () => choices.int(1, 3)],
    [25, () => choices.int(4, 12)],
    [12, () => choices.pick([20, 50, 100])],
    [1, () => choices.pick([0, 101, -1, 2_147_483_647])],
  ])();

const metricIds: Make = (choices, { own, other }) => {
  if (choices.chance(5)) return choices.pick([null, []]);
  return Array.from({ length: choices.int(1, 3) }, () =>
    choices.weighted<() => string>([
      [5, () => choices.pick(own.ids.metrics)],
      [5, () => choices.pick(metricInputs).name],
      [4, () => choices.pick(['POWER', 'power', 'Count', 'Mode', 'eNeRgY_total'])],
      [1, () => choices.pick(other.ids.metrics)],
      [1, () => choices.pick(['nope', '', 'a "quoted" \\ name', 'x'.repeat(300)])],
    ])(),
  );
};

/** A moment as text, now and then with an offset or without milliseconds. */
function moment(choices: Choices, atMs: number): string {
  const text = new Date(atMs).toISOString();
  if (choices.chance(10)) return `${new Date(atMs + 19_800_000).toISOString().slice(0, -1)}+05:30`;
  return choices.chance(10) ? text.replace('.000Z', 'Z') : text;
}

const bins = [
  ...[
    { unit: 'HOUR' },
    { unit: 'DAY' },
    { unit: 'DAY', value: 1, timeZone: 'America/New_York' },
    { unit: 'HOUR', value: 5 },
  ],
  ...[
    { unit: 'DAY', value: 30, timeZone: null },
    { unit: 'DAY', value: 7, timeZone: 'Asia/Kathmandu' },
  ],
  ...[
    { unit: 'MINUTE', value: 15 },
    { unit: 'DAY', value: 366, timeZone: 'UTC' },
  ],
];
const badBins = [
  { unit: 'HOUR', value: 0 },
  { unit: 'DAY', timeZone: 'Nowhere/Land' },
  { unit: 'HOUR', timeZone: 'UTC' },
  { unit: 'MINUTE', value: 1441 },
];

/** The arguments of a series: mostly a window that goes with the bin, and that holds readings. */
function series(choices: Choices, known: Known): Args {
  const { nowMs } = known.own;
  const reading = nowMs - choices.pick(readingDays) * dayMs;
  const isBinned = choices.chance(65);
  const [startMs, endMs] = choices.weighted<[number, number]>([
    [10, [reading - dayMs / 4, reading + dayMs / 2]],
    [isBinned ? 8 : 1, [reading - 3 * dayMs, nowMs]],
    [isBinned ? 5 : 0, [nowMs - 400 * dayMs, nowMs + dayMs]],
    [1, [reading + dayMs / 24, reading]],
    [1, [reading, reading]],
    [1, [nowMs + dayMs, nowMs + 1.5 * dayMs]],
    [1, [-60_000_000_000_000, 250_000_000_000_000]],
  ]);
  return {
    start: moment(choices, startMs),
    end: moment(choices, endMs),
    ...(isBinned ? { bin: choices.chance(92) ? choices.pick(bins) : choices.pick([...badBins, null]) } : {}),
    ...(choices.chance(45) ? { metricIds: metricIds(choices, known) } : {}),
  };
}

function events(choices: Choices, known: Known): Args {
  const { nowMs } = known.own;
  const cutoff = nowMs - choices.pick(readingDays) * dayMs + dayMs / 8;
  return {
    ...(choices.chance(70) ? { cutoff: choices.chance(95) ? moment(choices, cutoff) : null } : {}),
    ...(choices.chance(50) ? { limit: choices.pick([1, 2, 5, 10, 1000, 0, 1001]) } : {}),
    ...(choices.chance(50) ? { lookbackDays: choices.pick([1, 2, 7, 30, 0, 31]) } : {}),
    ...(choices.chance(45) ? { metricIds: metricIds(choices, known) } : {}),
  };
}

/** Some of the optional arguments, each now and then null. */
function some(makes: Readonly<Record<string, Make>>): (choices: Choices, known: Known) => Args {
  return (choices, known) =>
    Object.fromEntries(
      Object.entries(makes).flatMap(([name, make]): [string, unknown][] =>
        choices.chance(30) ? [[name, choices.chance(8) ? null : make(choices, known)]] : [],
      ),
    );
}

/** Arguments of a list: those that select its rows, and a page, often behind a cursor that is good for just these. */
function list(coordinates: readonly string[], select: (choices: Choices, known: Known) => Args = () => ({})) {
  return (choices: Choices, known: Known): Args => {
    const pageSize = { first: first(choices, known) };
    const from = (cursors: readonly CursorsOfList[]) => {
      const lists = cursors.filter(
        ({ coordinate, cursors: found }) => coordinates.includes(coordinate) && found.length > 0,
      );
      if (lists.length === 0) return pageSize;
      const chosen = choices.pick(lists);
      return { ...chosen.args, ...pageSize, after: choices.pick(chosen.cursors) };
    };
    return choices.weighted<() => Args>([
      [60, () => ({ ...select(choices, known), ...pageSize })],
      [30, () => from(known.ownCursors)],
      [3, () => from(known.otherCursors)],
      [2, () => ({ ...from(known.ownCursors), ...select(choices, known) })],
      [2, () => ({ ...pageSize, after: choices.pick(['', 'x', 'AAAA', '\u0000', null]) })],
    ])();
  };
}

const choice =
  (...values: readonly unknown[]): Make =>
  (choices) =>
    choices.pick(values);

const lifecycle = choice('ACTIVE', 'ALL', 'DELETED');
const ofPlace = some({ filter: some({ search, typeId: id('thingTypes') }) });
const things = some({ filter: some({ placeId: id('sites', 'fleets'), search, typeId: id('thingTypes') }) });

/** Entries up to the moment of the fixture alone: the log may grow while the test runs. */
function auditEvents(choices: Choices, known: Known): Args {
  const { filledMs } = known;
  const restrict = some({
    action: choice('createThing', 'createSite', 'ingestFrames', 'nothing', '', '%'),
    outcome: choice('SUCCEEDED', 'INTENDED', 'REFUSED'),
    resourcePrefix: choice('PLACE/Site', 'DEFINITION/', 'place', ''),
    from: () => moment(choices, filledMs - choices.pick([1, 500, dayMs])),
  });
  return { filter: { ...restrict(choices, known), to: new Date(filledMs - choices.pick([0, 0, 400])).toISOString() } };
}

const byId = (...nouns: Noun[]) => {
  const make = id(...nouns);
  return (choices: Choices, known: Known): Args => ({ id: make(choices, known) });
};

/** How the arguments of each field are made; a new field with arguments needs an entry. */
const makers: Readonly<Record<string, (choices: Choices, known: Known) => Args>> = {
  'Query.apiKey': byId('apiKeys'),
  'Query.apiKeys': list(['Query.apiKeys'], some({ search, status: choice('ACTIVE', 'EXPIRED', 'REVOKED') })),
  'Query.auditEvents': (choices, known) => {
    const args = list(['Query.auditEvents'])(choices, known);
    return 'filter' in args ? args : { ...args, ...auditEvents(choices, known) };
  },
  // No fixture has an export: they change by themselves.
  'Query.export': byId('sites'),
  'Query.exports': (choices) => ({ first: choices.pick([1, 5]) }),
  // Nor has one a monitor: they are evaluated by themselves.
  'Query.monitor': byId('sites'),
  'Query.monitors': some({ first: choice(1, 5), isEnabled: choice(true, false) }),
  'Query.alertEvents': (choices) => ({ first: choices.pick([1, 5]) }),
  'Monitor.things': (choices) => ({ first: choices.pick([1, 5]) }),
  'Site.activeAlerts': (choices) => ({ first: choices.pick([1, 5]) }),
  'Fleet.activeAlerts': (choices) => ({ first: choices.pick([1, 5]) }),
  'Place.activeAlerts': (choices) => ({ first: choices.pick([1, 5]) }),
  'Thing.activeAlerts': (choices) => ({ first: choices.pick([1, 5]) }),
  'Query.fleet': byId('fleets'),
  'Query.fleets': list(['Query.fleets'], some({ search })),
  'Query.integration': byId('integrations'),
  'Query.integrationCatalog': some({ direction: choice('INGRESS', 'EGRESS') }),
  'Integration.deliveries': list(
    ['Integration.deliveries'],
    some({ status: choice('PENDING', 'DELIVERED', 'FAILED') }),
  ),
  'Integration.inboundEvents': list(['Integration.inboundEvents']),
  'Integration.resourceMappings': list(
    ['Integration.resourceMappings'],
    some({ resourceThirdPartyId: choice('serial-1', 'none', '') }),
  ),
  'Query.integrations': list(['Query.integrations'], some({ search, direction: choice('INGRESS', 'EGRESS') })),
  'Query.metricDefinition': byId('metrics'),
  'Query.metricDefinitions': list(['Query.metricDefinitions'], some({ search, lifecycle })),
  'Query.site': byId('sites'),
  'Query.sites': list(['Query.sites'], some({ search })),
  'Query.template': byId('templates'),
  'Query.templates': list(
    ['Query.templates'],
    some({ search, lifecycle, target: choice('THING_DATA'), format: choice('JSON_POINTER', 'JAVASCRIPT_HANDLER') }),
  ),
  'Template.revisions': list(['Template.revisions']),
  'Query.thing': byId('things'),
  'Query.thingType': byId('thingTypes'),
  'Query.thingTypeVersion': byId('thingTypeVersions'),
  'Query.thingTypes': list(['Query.thingTypes'], some({ search, lifecycle })),
  'Query.things': list(['Query.things'], things),
  'Site.levelGroups': list(['Site.levelGroups']),
  'Site.levels': list(['Site.levels'], some({ parentId: id('levels') })),
  'Site.things': list(['Site.things'], ofPlace),
  'Site.timeseries': series,
  'Fleet.things': list(['Fleet.things'], ofPlace),
  'Fleet.timeseries': series,
  'Place.things': list(['Site.things', 'Fleet.things'], ofPlace),
  'Place.timeseries': series,
  'Thing.latest': some({ metricIds }),
  'Thing.recentEvents': events,
  'Thing.timeseries': series,
  'ThingType.things': list(['ThingType.things'], some({ search })),
  'ThingType.versions': list(['ThingType.versions']),
};

/** Arguments for a field, e.g. `Site.things`. */
export function argumentsOf(coordinate: string, choices: Choices, known: Known): Args {
  const make = makers[coordinate];
  if (make === undefined) throw new Error(`${coordinate} has arguments: what are they to be?`);
  return make(choices, known);
}
