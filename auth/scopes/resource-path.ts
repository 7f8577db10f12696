import { layoutOf, type Noun } from './noun.js';
import { parseResourcePattern } from './parse-resource-pattern.js';
import { canonicalPath, type ResourcePattern } from './scope.js';
import { anyValue, isThingTypeId } from './segment-kind.js';

/*
 * Builders of canonical resource paths, one per noun. Every argument is one value of that resource, or `#` for a
 * request about many of them (a list, or the creation of something that has no id yet). All throw a TypeError when a
 * value cannot stand at its place: ids have to be checked as input before a path is made of them.
 */

/** Path of a site or fleet; `placePath('Site', '#')` to create a site, `placePath('#', '#')` to list places. */
export function placePath(placeType: 'Site' | 'Fleet' | '#', placeId: string): string {
  return buildPath('PLACE', placeType, placeId);
}

/** Path of a thing in its place; the type is the stable id `tdefi_…`, never a display name. */
export function thingPath(
  placeType: 'Site' | 'Fleet' | '#',
  placeId: string,
  thingTypeId: string,
  thingId: string,
): string {
  if (thingTypeId !== anyValue && !isThingTypeId(thingTypeId)) throw notAPath('the thing type must be an id');
  return buildPath('THING', placeType, placeId, thingTypeId, thingId);
}

/** Path of an integration, e.g. `integrationPath('EGRESS', 'WEBHOOK', id)`. */
export function integrationPath(direction: 'INGRESS' | 'EGRESS' | '#', type: string, integrationId: string): string {
  return buildPath('INTEGRATION', direction, type, integrationId);
}

/** Path of a metric definition (`mdef_…`). */
export function metricPath(metricId: string): string {
  return buildPath('DEFINITION', 'Metric', metricId);
}

/** Path of a thing type (`tdefi_…`). */
export function thingTypePath(thingTypeId: string): string {
  return buildPath('DEFINITION', 'ThingType', thingTypeId);
}

/** Path of a version of a thing type (`tdef_…`). */
export function thingTypeVersionPath(versionId: string): string {
  return buildPath('DEFINITION', 'ThingTypeVersion', versionId);
}

/** Path of the organization. */
export function organizationPath(orgId: string): string {
  return buildPath('ORGANIZATION', orgId);
}

/** Path of an API key, by its 12-character id. */
export function apiKeyPath(keyId: string): string {
  return buildPath('APIKEY', keyId);
}

/** Path of a monitor. */
export function monitorPath(monitorId: string): string {
  return buildPath('MONITOR', monitorId);
}

/** Path of the audit log. */
export function auditPath(): string {
  return buildPath('AUDIT');
}

/** Path of the secrets of an integration. */
export function secretPath(integrationId: string): string {
  return buildPath('SECRET', integrationId);
}

/** Path of a template, e.g. `templatePath('THING_DATA', id)`. */
export function templatePath(target: 'THING_DATA' | '#', templateId: string): string {
  return buildPath('TEMPLATE', target, templateId);
}

/** Path with every value open: all resources of a noun. With `overlaps` it asks for any scope on the noun at all. */
export function nounPath(noun: Noun): string {
  return layoutOf(noun)
    .map((part) => (typeof part === 'string' ? part : anyValue))
    .join('/');
}

/**
 * Reads a path that a builder made (or its trailing form).
 *
 * @throws TypeError when it is none: that is a fault of the program, not of its caller
 */
export function readPath(path: string): ResourcePattern {
  return parseResourcePattern(path, notAPath);
}

function buildPath(noun: Noun, ...values: string[]): string {
  if (values.some((value) => value.includes('/'))) throw notAPath('a value contains a slash');
  const rest = values.values();
  const parts = layoutOf(noun).map((part) => (typeof part === 'string' ? part : String(rest.next().value)));
  return canonicalPath(readPath(parts.join('/')));
}

function notAPath(reason: string): TypeError {
  return new TypeError(`not a resource path: ${reason}`);
}
