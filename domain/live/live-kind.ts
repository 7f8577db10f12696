/**
 * What subscribers can be told of: READINGS of a thing (its id), ALERTS of a place (its id), DELETED resources of the
 * organization.
 */
export type LiveKind = 'READINGS' | 'ALERTS' | 'DELETED';

/** The topic of a subscription to everything of a kind. */
export const everyTopic = '*';
