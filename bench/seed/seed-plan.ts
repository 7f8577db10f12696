/** Number of the seed: a change of anything below it makes a new seed, beside the old one. */
export const seedVersion = 2;

/** How much there is of everything. The same for every run, quick or full. */
export const seedSizes = {
  organizations: 50,
  sitesPerOrganization: 400,
  thingsPerOrganization: 4000,
  typesPerOrganization: 10,
  metricsPerType: 5,
  /** Metrics of the type of the wide place. */
  wideMetrics: 20,
  /** Things of the wide place. */
  wideThings: 200,
  /** Sites that a restricted key may read: three scopes each, of 64 that a key may have. */
  restrictedSites: 20,
  /** Things of the restricted sites of each organization that have a day of readings. */
  dayThings: 20,
} as const;

/** Minutes of the year of one metric. */
export const yearMinutes = 365 * 24 * 60;
/** Minutes between two readings of the wide place. */
export const wideCadenceMinutes = 5;
/** Minutes between two readings of the things with a day of readings. */
export const dayCadenceMinutes = 15;

/** Index of the organization whose thing 0 has the year of minutes in the first metric of its type. */
export const yearOrganization = 0;
/** Index of the organization that has the wide place: one site more than the others. */
export const wideOrganization = 1;
/** Number of that site. */
export const wideSite = seedSizes.sitesPerOrganization;
/** Number of the first thing of the wide place: they are the last ones of their organization. */
export const firstWideThing = seedSizes.thingsPerOrganization - seedSizes.wideThings;
/** Things at the beginning of each organization that no scenario writes to: the list of W1 stays as it is. */
export const listedThings = 200;
/** Number of the type of the things of the wide place: one above the others. */
export const wideType = seedSizes.typesPerOrganization;

const hex = (value: number, length: number) => value.toString(16).padStart(length, '0');
const digits = (value: number, length: number) => value.toString().padStart(length, '0');

/** Ids have the form of UUID version 7 and are in the order of their numbers, as those that the product makes. */
export function thingId(organization: number, thing: number): string {
  return `01900000-${hex(organization, 4)}-7000-8000-${hex(thing, 12)}`;
}

/** Id of a site. */
export function siteId(organization: number, site: number): string {
  return `01900000-${hex(organization, 4)}-7001-8000-${hex(site, 12)}`;
}

/** Id of a thing type. */
export function typeId(organization: number, type: number): string {
  return `tdefi_${'0'.repeat(16)}${digits(organization, 5)}${digits(type, 5)}`;
}

/** Id of the only version of a thing type. */
export function versionId(organization: number, type: number): string {
  return `tdef_${'0'.repeat(16)}${digits(organization, 5)}${digits(type, 5)}`;
}

/** Id of the metric at a position of a type. */
export function metricId(organization: number, type: number, position: number): string {
  return `mdef_${'0'.repeat(16)}${digits(organization, 5)}${digits(type * 100 + position, 5)}`;
}

/** Name of the metric at a position of a type: unique in its organization. */
export function metricName(type: number, position: number): string {
  return `metric_${type}_${position}`;
}

/** Whether a thing stands in the wide place. */
export function isWide(organization: number, thing: number): boolean {
  return organization === wideOrganization && thing >= firstWideThing;
}

/** Site of a thing: scattered by Knuth's multiplicative hash, which SQL computes alike. */
export function siteOfThing(organization: number, thing: number): number {
  if (isWide(organization, thing)) return wideSite;
  return ((thing * 2_654_435_761) % 4_294_967_296) % seedSizes.sitesPerOrganization;
}

/** Type of a thing. */
export function typeOfThing(organization: number, thing: number): number {
  return isWide(organization, thing) ? wideType : thing % seedSizes.typesPerOrganization;
}

/** Things that scenarios may write to: neither the list of W1 nor the wide place. */
export const writableThings = { first: listedThings, end: firstWideThing } as const;

/** Those of them at the sites that the restricted key of an organization may read. */
export function restrictedThings(): readonly number[] {
  return things;
}

/** Things with a day of readings. */
export function dayThings(): readonly number[] {
  return things.slice(0, seedSizes.dayThings);
}

const things = Array.from({ length: seedSizes.thingsPerOrganization }, (_, thing) => thing).filter(
  (thing) =>
    thing >= writableThings.first && thing < writableThings.end && siteOfThing(0, thing) < seedSizes.restrictedSites,
);
