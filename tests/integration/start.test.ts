import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type BulkheadProcess,
  childrenOf,
  freePort,
  runBulkhead,
  startBulkheadProcess,
  temporaryHome,
  until,
} from '../support/bulkhead-process.js';

const { home, remove } = temporaryHome();
let port: number;
let bulkhead: BulkheadProcess;

interface DemoFile {
  readonly url: string;
  readonly orgId: string;
  readonly apiKey: string;
}

const settings = () => ({ BULKHEAD_HOME: home, PORT: String(port), LOG_LEVEL: 'info' });
const demo = (): DemoFile => JSON.parse(readFileSync(join(home, 'demo.json'), 'utf8'));

async function ask(query: string, key = demo().apiKey): Promise<{ status: number; body: never }> {
  const response = await fetch(`${demo().url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: (await response.json()) as never };
}

/** A connection that was lost is noticed when it is used. */
const answered = async () => ((await ask('{ organization { name } }')).status === 200 ? true : undefined);

async function isReady(): Promise<true | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
    return response.status === 200 ? true : undefined;
  } catch {
    return undefined;
  }
}

beforeAll(async () => {
  port = await freePort();
  bulkhead = await startBulkheadProcess(settings());
});
afterAll(async () => {
  await bulkhead.end('SIGTERM');
  remove();
});

describe('the first start', () => {
  it('has the backup process work at a lower priority, in all of its threads', async () => {
    const [backup] = childrenOf(bulkhead.child.pid!, 'backup-process');
    const tasks = `/proc/${backup}/task`;
    const niceness = (id: string) => {
      try {
        const stat = readFileSync(join(tasks, id, 'stat'), 'utf8');
        // Field 19, proc(5).
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
      } catch {
        // It has ended since.
        return 19;
      }
    };
    await until('a lower priority of all threads', () => {
      const all = readdirSync(tasks).map(niceness);
      return all.length > 4 && all.every((each) => each >= 10) ? true : undefined;
    });
  });

  it('leaves address and key of the demo in a private file and prints the key', () => {
    expect(demo()).toEqual({
      url: `http://127.0.0.1:${port}`,
      orgId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      apiKey: expect.stringMatching(/^bhad_live_/),
    });
    for (const file of ['demo.json', 'roles.json', 'deployment.json', 'keys/root.key', 'keys/context.key']) {
      expect(statSync(join(home, file)).mode & 0o777).toBe(0o600);
    }
    expect(bulkhead.stdout()).toContain(demo().apiKey);
    for (const line of bulkhead.stdout().split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('serves a whole demo: places, things, a past of 24 hours and what is reported now', async () => {
    await until('a gateway that is ready', isReady);
    const from = new Date(Date.now() - 86_400_000).toISOString();
    const { body } = await ask(`{
      sites(first: 10) { totalCount nodes { name levels(first: 10) { totalCount } } }
      fleets(first: 10) { totalCount }
      things(first: 10) { totalCount nodes { isSimulated timeseries(
        start: "${from}", end: "${new Date().toISOString()}", bin: { unit: HOUR }) { points { at } } } }
    }`);
    const { sites, fleets, things } = (body as { data: Record<string, never> }).data as never as {
      sites: { totalCount: number };
      fleets: { totalCount: number };
      things: { totalCount: number; nodes: { isSimulated: boolean; timeseries: { points: unknown[] }[] }[] };
    };
    expect([sites.totalCount, fleets.totalCount, things.totalCount]).toEqual([2, 1, 8]);
    for (const { isSimulated, timeseries } of things.nodes) {
      expect(isSimulated).toBe(true);
      for (const { points } of timeseries) expect(points.length).toBeGreaterThanOrEqual(24);
    }
  });

  it('gives its children no secret in arguments or environment', async () => {
    const secrets = [demo().apiKey, ...Object.values(JSON.parse(readFileSync(join(home, 'roles.json'), 'utf8')))];
    const children = await until('three children', () => {
      const found = childrenOf(bulkhead.child.pid ?? 0, '-process.js');
      return found.length === 3 ? found : undefined;
    });
    for (const pid of children) {
      const seen = readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8');
      for (const secret of secrets) expect(seen).not.toContain(secret);
    }
  });
});

describe('a part that is killed', () => {
  it('gateway: is started again at the same address', async () => {
    const [gateway] = childrenOf(bulkhead.child.pid ?? 0, 'gateway-process.js');
    process.kill(gateway ?? 0, 'SIGKILL');
    await until('another gateway', () =>
      childrenOf(bulkhead.child.pid ?? 0, 'gateway-process.js').find((pid) => pid !== gateway),
    );
    await until('an answer', async () => ((await isReady()) ? await answered() : undefined));
  });

  it('PostgreSQL: is started again, and everything serves again', async () => {
    const record = readFileSync(join(home, 'postgres', 'postmaster.pid'), 'utf8');
    process.kill(Number(record.split('\n')[0]), 'SIGKILL');
    await until('PostgreSQL to be missed', () =>
      bulkhead.stderr().includes('PostgreSQL has ended') ? true : undefined,
    );
    await until('an answer', async () => ((await isReady()) ? await answered() : undefined));
  });

  it('the supervisor: its children end, and the next start serves the same data', async () => {
    const children = childrenOf(bulkhead.child.pid ?? 0, '-process.js');
    expect((await bulkhead.end('SIGKILL')).status).toBeNull();
    await until('the children to end', () => (children.every(hasEnded) ? true : undefined));
    const before = demo();
    port = await freePort();
    bulkhead = await startBulkheadProcess(settings());
    expect(demo()).toEqual({ ...before, url: `http://127.0.0.1:${port}` });
    expect(bulkhead.stdout()).not.toContain(before.apiKey);
    expect(bulkhead.stdout()).toContain('demo.json');
    expect((await ask('{ things(first: 1) { totalCount } }')).body).toEqual({ data: { things: { totalCount: 8 } } });
  });
});

describe('a start that cannot be', () => {
  it('says which port is in use, before anything slow', async () => {
    const { home: other, remove: removeOther } = temporaryHome();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const taken = String((server.address() as { port: number }).port);
    const { status, stderr, stdout } = await runBulkhead(['start'], { BULKHEAD_HOME: other, PORT: taken });
    server.close();
    const made = readdirSync(other);
    removeOther();
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`Port ${taken} of 127.0.0.1 is in use`);
    expect(stderr).not.toContain('    at ');
    // No cluster, which is what takes time.
    expect(made).not.toContain('postgres.json');
  });

  it('says that Bulkhead already runs on the home', async () => {
    const { status, stderr } = await runBulkhead(['start'], { ...settings(), PORT: String(await freePort()) });
    expect(status).toBe(1);
    expect(stderr).toContain('Bulkhead is already running on');
  });

  it('names every mistake of the configuration at once, without values', async () => {
    const { status, stderr } = await runBulkhead(['start'], {
      PORT: '70000',
      BULKHEAD_HOMES: '/tmp/x',
      DATABASE_URL: 'mysql://root:hunter2@db/x',
      ROOT_KEY: 'c2VjcmV0',
    });
    expect(status).toBe(2);
    for (const name of [
      'PORT is no port',
      'BULKHEAD_HOMES is no setting',
      'DATABASE_URL is no',
      'ROOT_KEY is no key',
    ]) {
      expect(stderr).toContain(name);
    }
    for (const value of ['70000', 'hunter2', 'c2VjcmV0']) expect(stderr).not.toContain(value);
  });

  it('says that home cannot be written', async () => {
    const file = join(home, 'a-file');
    writeFileSync(file, '');
    const { status, stderr } = await runBulkhead(['start'], {
      BULKHEAD_HOME: join(file, 'home'),
      PORT: String(await freePort()),
    });
    expect(status).toBe(1);
    expect(stderr).toContain('cannot be written');
  });
});

describe('SIGTERM', () => {
  it('stops everything cleanly, and a new start goes on', async () => {
    const { status } = await bulkhead.end('SIGTERM');
    expect(status).toBe(0);
    expect(await isReady()).toBeUndefined();
    bulkhead = await startBulkheadProcess(settings());
    await until('a gateway that is ready', isReady);
  });
});

/** Whether a process is gone, or nobody has asked yet how it ended. */
function hasEnded(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat[stat.lastIndexOf(')') + 2] === 'Z';
  } catch {
    return true;
  }
}
