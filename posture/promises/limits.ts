import { absent, kept, type Promised, tested } from '../promised.js';

/** Rates, sizes and floods. */
export const limitsPromises: readonly Promised[] = [
  kept(
    'P034',
    'PRODUCT',
    'Rates are limited by organization, not by key.',
    ['buckets-of-organizations'],
    'tests/http/limits.test.ts',
  ),
  tested(
    'P035',
    'PRODUCT',
    'One organization cannot take the service away from the others.',
    ['buckets-of-organizations', 'bounded-statements', 'bounded-requests'],
    'tests/http/fairness.test.ts',
  ),
  tested(
    'P069',
    'PRODUCT',
    'Higher rates are set on request, for one organization, at once.',
    ['buckets-of-organizations'],
    'tests/integration/operators.test.ts',
  ),
  absent(
    'P117',
    'PRODUCT',
    'Rates for each user bound the cost of language models.',
    'no language model is called anywhere: there is nothing to which this could apply',
  ),
  tested(
    'P155',
    'PRODUCT',
    'A data package of 1 GB is included and measured.',
    ['jobs-on-time'],
    'tests/http/data-package.test.ts',
  ),
  tested('P156', 'PRODUCT', 'Larger data packages can be chosen.', ['jobs-on-time'], 'tests/http/data-package.test.ts'),
  tested(
    'P170',
    'DEPLOYMENT',
    'Addresses that fail again and again are banned for a while.',
    ['key-required'],
    'tests/http/bans.test.ts',
  ),
  absent(
    'P171',
    'DEPLOYMENT',
    'Bans mitigate floods too.',
    'one address that floods with wrong keys is banned; floods with valid keys, or of many addresses, are for the proxy',
  ),
];
