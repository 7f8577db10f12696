import { afterAll, beforeAll, describe } from '@jest/globals';
import { testBreakages } from './posture/breakage.js';
import { databaseBreakages } from './posture/breakages-of-database.js';
import { type PostureWorld, startPostureWorld } from './posture/posture-world.js';

let world: PostureWorld;
beforeAll(async () => {
  world = await startPostureWorld(true);
});
afterAll(() => world?.stop());

describe('what is broken in PostgreSQL is found', () => {
  testBreakages(databaseBreakages, () => world);
});
