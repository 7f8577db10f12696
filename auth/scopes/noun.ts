import * as kind from './segment-kind.js';

/** What a resource path calls a kind of resource, and the segments that follow that word. */
interface ResourceType {
  /** The noun whose path comes first in the canonical path; absent where a path starts with this noun. */
  readonly parent?: 'PLACE';
  readonly segments: readonly kind.SegmentKind[];
}

const resourceTypes = {
  PLACE: { segments: [kind.placeType, kind.placeId] },
  THING: { parent: 'PLACE', segments: [kind.thingType, kind.thingId] },
  INTEGRATION: { segments: [kind.integrationDirection, kind.integrationType, kind.integrationId] },
  DEFINITION: { segments: [kind.definitionType, kind.definitionId] },
  ORGANIZATION: { segments: [kind.orgId] },
  APIKEY: { segments: [kind.keyId] },
  MONITOR: { segments: [kind.monitorId] },
  AUDIT: { segments: [] },
  SECRET: { segments: [kind.integrationId] },
  TEMPLATE: { segments: [kind.templateTarget, kind.templateId] },
} as const satisfies Record<string, ResourceType>;

/** A kind of resource that scopes can be given on. */
export type Noun = keyof typeof resourceTypes;

/** All nouns. */
export const nouns = Object.keys(resourceTypes) as readonly Noun[];

/** Words that the grammar knows but whose resources are not built yet: no key can be given a scope on them. */
export const nounsNotBuilt: readonly string[] = ['TRANSACTION', 'SIMULATION', 'COMMERCE', 'TENANT', 'BACKUP'];

/** Whether a text is a noun, exactly as written. */
export function isNoun(text: string): text is Noun {
  return Object.hasOwn(resourceTypes, text);
}

/** The noun whose resources hold this one's: PLACE for THING, none for the others. */
export function parentOf(noun: Noun): Noun | undefined {
  return (resourceTypes[noun] as ResourceType).parent;
}

/** What follows the noun itself in a path, without its parent's part. */
export function segmentKindsOf(noun: Noun): readonly kind.SegmentKind[] {
  return resourceTypes[noun].segments;
}

/**
 * The canonical path of a noun, place by place: a text is a fixed word, a kind is a place to be filled.
 * Every path of one noun therefore has the same number of segments, with the fixed words at the same places.
 */
export function layoutOf(noun: Noun): readonly (string | kind.SegmentKind)[] {
  return layouts[noun];
}

function layout(noun: Noun): readonly (string | kind.SegmentKind)[] {
  const parent = parentOf(noun);
  return [...(parent === undefined ? [] : layout(parent)), noun, ...segmentKindsOf(noun)];
}

const layouts = Object.fromEntries(nouns.map((noun) => [noun, layout(noun)])) as Readonly<
  Record<Noun, readonly (string | kind.SegmentKind)[]>
>;
