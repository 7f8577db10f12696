import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generateKey } from '../../../auth/api-keys/key-format.js';
import { walSpoolOf } from '../../../db/embedded/wal-spool.js';
import type { PostureContext } from '../../../posture/posture-context.js';
import { testCertificate } from '../../support/tls-certificate.js';
import type { Breakage, Change } from './breakage.js';
import { type FrontAnswer, startFront } from './front.js';
import type { PostureWorld } from './posture-world.js';

const hsts = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' };

/** Checks that look at processes, files, disks, sockets and answers, each with what breaks them from outside. */
export const machineBreakages: readonly Breakage[] = [
  impostor('key-required', { status: 200, body: '{}' }, /\/graphql answered 200/),
  impostor('operators-private', { status: 200, body: '{}' }, /\/operator\/graphql answered 200/),
  atPublicAddress('operators-not-public', { status: 403 }, /\/metrics answers 401 at the public address/, {
    answer: ({ url = '' }) => ({ status: url.startsWith('/metrics') ? 401 : 403 }),
  }),
  {
    check: 'encrypted-services',
    says: /^REDIS_URL is another machine, in clear text$/,
    breakIt: (_world, { configuration }) => {
      const services = {
        REDIS_URL: 'redis://203.0.113.9:6379',
        ALERT_WEBHOOK_URL: 'https://203.0.113.9/alerts',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      };
      return { context: { configuration: { ...configuration, services } }, repair: () => {} };
    },
  },
  impostor('security-headers', { status: 200 }, /\/health\/live \(200\) lacks x-content-type-options/),
  impostor('documentation-served', { status: 200 }, /lists no page/),
  impostor('bounded-requests', { status: 200 }, /was answered by 200/),
  servedSchema('no-choice-of-organization', '  me: ', '  me(orgId: ID!): ', /Query\.me\.orgId/),
  servedSchema('write-only-secrets', 'type Secret {', 'type Secret { value: String ', /Secret\.value/),
  servedSchema('whole-life-cycle', 'deleteThing(', 'keepThing(', /no mutation deleteThing/),
  {
    check: 'private-files',
    says: /root\.key has mode 644/,
    breakIt: ({ home }) => {
      const file = join(home, 'keys', 'root.key');
      chmodSync(file, 0o644);
      return { repair: () => chmodSync(file, 0o600) };
    },
  },
  {
    check: 'private-files',
    says: /(root\.key belongs to uid 65534|demo\.json has mode 640)/,
    breakIt: ({ home }) => {
      // Only root can give a file away.
      if (process.getuid?.() !== 0) {
        chmodSync(join(home, 'demo.json'), 0o640);
        return { repair: () => chmodSync(join(home, 'demo.json'), 0o600) };
      }
      chownSync(join(home, 'keys', 'root.key'), 65_534, 65_534);
      return { repair: () => chownSync(join(home, 'keys', 'root.key'), 0, 0) };
    },
  },
  {
    check: 'private-files',
    says: /-wal has mode 777/,
    breakIt: ({ home }) => {
      const spool = walSpoolOf(realpathSync(join(home, 'postgres')));
      chmodSync(spool, 0o777);
      return { repair: () => chmodSync(spool, 0o700) };
    },
  },
  {
    check: 'clean-processes',
    says: /was started with DATABASE_URL; .*REDIS_URL; .*BACKUP_KEY$/,
    breakIt: (_world, context) =>
      family(context, 'setInterval(() => {}, 1000)', {
        DATABASE_URL: 'postgres://a@b/c',
        REDIS_URL: 'redis://:a@b:6379',
        BACKUP_KEY: 'a',
        BACKUP_KEY_FILE: '/a',
        PUBLIC_URL: 'https://b',
      }),
  },
  {
    check: 'private-listeners',
    says: /listens on 0\.0\.0\.0/,
    breakIt: (_world, context) =>
      family(context, "require('net').createServer().listen(0, '0.0.0.0', () => console.log('listens'))", {}),
  },
  {
    check: 'no-secrets-in-program',
    says: /settings\.json/,
    breakIt: () => {
      const program = mkdtempSync(join(tmpdir(), 'bulkhead-program-'));
      writeFileSync(join(program, 'settings.json'), JSON.stringify({ key: generateKey('ADMIN', 'live').text }));
      return { context: { program }, repair: () => rmSync(program, { recursive: true }) };
    },
  },
  {
    check: 'audit-copies-verify',
    says: /\(segment \d+\/\d+\)/,
    breakIt: ({ context: { configuration } }) => {
      const file = firstSegment(configuration.directories.checkpoints);
      const content = readFileSync(file);
      const changed = Buffer.from(content);
      const at = Math.floor(changed.length / 2);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(file, changed);
      return { repair: () => writeFileSync(file, content) };
    },
  },
  {
    check: 'audit-copies-elsewhere',
    without: ['NOT_PROVIDED'],
    says: /behind/,
    provide: async ({ admin: { operational } }) => {
      await operational`
        insert into platform.checkpoint_copies (destination, generation, number)
        select 'https://203.0.113.9/audit', generation, number + 1000 from platform.checkpoints
        order by generation desc, number desc limit 1`;
      return { repair: () => operational`delete from platform.checkpoint_copies where destination ~ '^https'` };
    },
    breakIt: async ({ admin: { operational } }) => {
      await operational`update platform.checkpoint_copies set failure = 'refused' where destination ~ '^https'`;
      return {
        repair: () => operational`update platform.checkpoint_copies set failure = null where destination ~ '^https'`,
      };
    },
  },
  atPublicAddress('modern-tls', { status: 200 }, /TLSv1\.2 is accepted too/, { minVersion: 'TLSv1.2' }),
  {
    ...atPublicAddress('valid-certificate', { status: 200 }, /not trusted/, {}),
    breakIt: () => ({ context: { extraAuthorities: [] }, repair: () => {} }),
  },
  atPublicAddress('strict-transport', { status: 404, headers: hsts }, /lacks it/, { answer: { status: 404 } }),
  atPublicAddress('firewall-in-front', { status: 403 }, /\/graphql lets an exploit through/, {
    answer: ({ url = '' }) => ({ status: url.startsWith('/graphql') ? 200 : 403 }),
  }),
  {
    ...atPublicAddress('no-plain-http', { status: 200 }, /answers 200 without TLS/, {}),
    breakIt: async (_world, context) => {
      const front = await startFront(() => ({ status: 200 }));
      const publicUrl = front.url.replace('http:', 'https:');
      return { context: { configuration: { ...context.configuration, publicUrl } }, repair: front.stop };
    },
  },
  {
    check: 'backups-sealed',
    without: ['PASS', 'NOT_PROVIDED'],
    says: /are not sealed/,
    provide: (world) => stored(world, 'sealed', 'BHB2 and what nobody can read'),
    breakIt: (world) => stored(world, 'open', 'what everybody can read'),
  },
  {
    check: 'backups-elsewhere',
    without: ['FAIL', 'NOT_PROVIDED'],
    says: /their bucket is on this machine/,
    provide: (world) => placed(world, 'https://203.0.113.9/backups'),
    breakIt: (world) => placed(world, 'http://127.0.0.1:9000/backups', 'https://203.0.113.9/backups'),
  },
  encrypted('disk-of-data'),
  encrypted('disk-of-home'),
  ...(['node', 'openssl'] as const).map(
    (program): Breakage => ({
      check: `${program}-supported`,
      without: ['PASS', 'FAIL'],
      says: /gets no repairs since/,
      provide: () => ({
        context: { now: new Date('2026-11-22'), versions: { node: '24.1.0', openssl: '3.5.2' } },
        repair: () => {},
      }),
      breakIt: () => ({ context: { now: new Date('2040-01-01') }, repair: () => {} }),
    }),
  ),
];

/** Another program has taken the place of the gateway. */
function impostor(check: string, answer: FrontAnswer, says: RegExp): Breakage {
  return {
    check,
    says,
    breakIt: async (_world, context) => {
      const front = await startFront(() => answer);
      return atGateway(context, front.url, front.stop);
    },
  };
}

/** The gateway serves another schema than it should. */
function servedSchema(check: string, text: string, instead: string, says: RegExp): Breakage {
  return {
    check,
    says,
    breakIt: async ({ bulkhead }, context) => {
      const sdl = await (await fetch(`${bulkhead.url}/schema.graphql`)).text();
      if (!sdl.includes(text)) throw new Error(`the schema has no ${text}`);
      const front = await startFront(() => ({ status: 200, body: sdl.replace(text, instead) }));
      return atGateway(context, front.url, front.stop);
    },
  };
}

function atGateway({ configuration }: PostureContext, gatewayUrl: string, repair: () => Promise<void>): Change {
  return { context: { configuration: { ...configuration, gatewayUrl } }, repair };
}

/** A proxy stands in front of the gateway, then one that does not do what it should. */
function atPublicAddress(
  check: string,
  good: FrontAnswer,
  says: RegExp,
  worse: { answer?: FrontAnswer | Parameters<typeof startFront>[0]; minVersion?: 'TLSv1.2' },
): Breakage {
  const start = async (
    context: PostureContext,
    answer: Parameters<typeof startFront>[0],
    minVersion: 'TLSv1.2' | 'TLSv1.3',
  ): Promise<Change> => {
    const front = await startFront(answer, minVersion);
    const configuration = { ...context.configuration, publicUrl: front.url };
    return { context: { configuration, extraAuthorities: [testCertificate] }, repair: front.stop };
  };
  const { answer = good, minVersion = 'TLSv1.3' } = worse;
  return {
    check,
    says,
    without: ['NOT_PROVIDED'],
    provide: ({ context }) => start(context, () => good, 'TLSv1.3'),
    breakIt: (_world, context) => start(context, typeof answer === 'function' ? answer : () => answer, minVersion),
  };
}

/** A disk with dm-crypt below, then one without: trees that look as `/proc` and `/sys` of Linux do. */
function encrypted(check: string): Breakage {
  return {
    check,
    without: ['PASS', 'FAIL', 'NOT_PROVIDED'],
    says: /no dm-crypt/,
    provide: () => disk('CRYPT-LUKS2-0123456789abcdef-data'),
    breakIt: () => disk('CRYPT-VERITY-0123456789abcdef-data'),
  };
}

function disk(uuid: string): Change {
  const systemRoot = mkdtempSync(join(tmpdir(), 'bulkhead-system-'));
  const put = (path: string, content: string) => {
    mkdirSync(dirname(join(systemRoot, path)), { recursive: true });
    writeFileSync(join(systemRoot, path), content);
  };
  put('proc/self/mountinfo', '21 1 253:0 / / rw,relatime - ext4 /dev/mapper/data rw\n');
  put('sys/devices/virtual/block/dm-0/dm/uuid', `${uuid}\n`);
  mkdirSync(join(systemRoot, 'sys/devices/virtual/block/dm-0/slaves'));
  mkdirSync(join(systemRoot, 'sys/dev/block'), { recursive: true });
  symlinkSync('../../devices/virtual/block/dm-0', join(systemRoot, 'sys/dev/block/253:0'));
  return { context: { systemRoot }, repair: () => rmSync(systemRoot, { recursive: true }) };
}

/** A process in the place of the one that has started the deployment, up when it has said something or is waited for. */
async function family(
  { configuration }: PostureContext,
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<Change> {
  const child: ChildProcess = spawn(process.execPath, ['-e', `${program}; console.log('up')`], {
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout!, 'data');
  return {
    context: { configuration: { ...configuration, supervisorPid: child.pid! } },
    repair: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** An object in the repository of backups. */
function stored({ context: { configuration } }: PostureWorld, name: string, content: string): Change {
  const folder = join(configuration.directories.backups, 'test', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'object'), content);
  return { repair: () => rmSync(folder, { recursive: true }) };
}

/** The place of backups, whatever the backup process notes meanwhile. */
async function placed({ admin: { operational } }: PostureWorld, place: string, before?: string): Promise<Change> {
  const put = (now: string) =>
    operational
      .unsafe(
        `create or replace function platform.hold_place() returns trigger language plpgsql
         as $$ begin new.place := '${now}'; return new; end $$;
         create or replace trigger hold_place before update on platform.backup_state
         for each row execute function platform.hold_place();
         update platform.backup_state set place = place`,
      )
      .simple();
  const [row] = await operational<{ place: string | null }[]>`select place from platform.backup_state`;
  await put(place);
  return {
    repair: async () => {
      if (before !== undefined) return put(before);
      await operational.unsafe('drop function platform.hold_place() cascade');
      return operational`update platform.backup_state set place = ${row!.place}`;
    },
  };
}

function firstSegment(directory: string): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const [first] = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return first!;
}
