import { afterAll, beforeAll, describe } from '@jest/globals';
import { testBreakages } from './posture/breakage.js';
import { machineBreakages } from './posture/breakages-of-machine.js';
import { type PostureWorld, startPostureWorld } from './posture/posture-world.js';

let world: PostureWorld;
beforeAll(async () => {
  world = await startPostureWorld(false);
});
afterAll(() => world?.stop());

describe('what is broken on the machine is found', () => {
  testBreakages(machineBreakages, () => world);
});
