import type { Seed } from '../seed.js';
import type { Args } from './positions.js';
import { mutationSamples } from './samples-of-mutations.js';
import { querySamples } from './samples-of-queries.js';

/**
 * Arguments for one coordinate that are good for the organization of a seed, at least one of every place that can carry
 * an id. What a call uses up is made when the sample is prepared; the arguments are made anew for every call.
 */
export type Sample = (own: Seed) => (() => Args) | Promise<() => Args>;

/** Samples by coordinate. A field that is not here, or a place that no sample of it fills, fails the sweep by name. */
export const samples: Readonly<Record<string, readonly Sample[]>> = { ...querySamples, ...mutationSamples };
