import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runBulkhead } from '../support/bulkhead-process.js';
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

describe('the job and the command', () => {
  const run = (...args: string[]) =>
    runBulkhead(args, { BULKHEAD_HOME: world.home, PORT: new URL(world.bulkhead.url).port });
  const look = async () => expect(await run('jobs', 'run', 'checkPosture')).toMatchObject({ status: 0 });
  const alerts = () =>
    world.admin.operational<{ name: string; firing: boolean }[]>`
      select name, firing from platform.alerts where name ~ '^PromiseBroken' order by 1`;

  it('tell of what no longer holds, alert once it begins to fail, and are over when it is repaired', async () => {
    const file = join(world.home, 'demo.json');
    // A scheduled run may have seen what was broken above, or provided.
    await world.admin.operational`delete from platform.posture_runs`;
    await world.admin.operational`delete from platform.alerts where name ~ '^PromiseBroken'`;
    // A replica has followed some days ago; that it is gone is no answer to whether it follows.
    await world.admin.operational`
      with run as (insert into platform.posture_runs (ended_at, started_at) values (now() - interval '9 days', now())
                   returning ended_at)
      insert into platform.posture_results (run, check_id, status, evidence, looked_at, duration_ms)
      select ended_at, 'replica-follows', 'PASS', '', ended_at, 1 from run`;
    const gone = { name: 'PromiseBroken/replica-follows', firing: true };
    await look();
    expect(await alerts()).toEqual([gone]);
    chmodSync(file, 0o644);
    try {
      await look();
      expect(await alerts()).toEqual([{ name: 'PromiseBroken/private-files', firing: true }, gone]);
      const told = await run('posture', '--only', 'private-files,key-required');
      expect(told).toMatchObject({ status: 1 });
      expect(told.stdout).toMatch(/^FAIL {2}private-files +demo\.json has mode 644$/m);
      expect(told.stdout).toMatch(/^PASS {2}key-required /m);
      expect(Math.max(...told.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    } finally {
      chmodSync(file, 0o600);
    }
    await look();
    expect(await alerts()).toEqual([{ name: 'PromiseBroken/private-files', firing: false }, gone]);
    const mistaken = await run('posture', '--only', 'nothing');
    expect(mistaken.status).toBe(2);
    expect(Math.max(...mistaken.stderr.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
