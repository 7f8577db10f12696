import fc from '../../node_modules/fast-check/lib/fast-check.js';

/*
 * What tests get for `fast-check` (see `jest.config.json`): properties have the same values in each run, so that nobody's
 * change fails for what it did not touch. To look for more, give another number as BULKHEAD_TEST_SEED.
 */
fc.configureGlobal({ seed: Number(process.env['BULKHEAD_TEST_SEED'] ?? 1) });

// biome-ignore lint/style/noDefaultExport: as fast-check has it
export default fc;
