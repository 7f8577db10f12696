import { describe, expect, it } from '@jest/globals';
import { readConfiguration } from '../../../server/configuration.js';
import { ConfigurationMistakes } from '../../../server/configuration-mistakes.js';

function mistakesOf(environment: Readonly<Record<string, string>>): ConfigurationMistakes {
  try {
    readConfiguration(environment);
  } catch (error) {
    if (error instanceof ConfigurationMistakes) return error;
    throw error;
  }
  throw new Error('expected mistakes');
}

const names = (environment: Readonly<Record<string, string>>) =>
  mistakesOf(environment)
    .mistakes.map(({ name }) => name)
    .sort();

describe('readConfiguration', () => {
  it('has a default for everything that is no secret', () => {
    const configuration = readConfiguration({});
    expect(configuration).toEqual({
      PORT: 4000,
      OTEL_TRACES_SAMPLER_ARG: 1,
      LOG_DAYS: 30,
      HOST: '127.0.0.1',
      BULKHEAD_HOME: expect.stringMatching(/^\/.*\/\.bulkhead$/),
      CHECKPOINT_DIRECTORY: expect.stringMatching(/^\/.*\/\.bulkhead\/checkpoints$/),
      CHECKPOINT_SECONDS: 60,
      EGRESS_NETWORKS: [],
      EGRESS_DNS_SERVERS: [],
      EXPORT_DIRECTORY: expect.stringMatching(/^\/.*\/\.bulkhead\/exports$/),
      LEDGER_DIRECTORY: expect.stringMatching(/^\/.*\/\.bulkhead\/ledger$/),
      BACKUP_DIRECTORY: expect.stringMatching(/^\/.*\/\.bulkhead\/backups$/),
      BACKUP_TIME: '04:00',
      BACKUP_ZONE: 'UTC',
      BACKUP_TIMES_A_DAY: 1,
      BACKUP_WINDOW_DAYS: 35,
      BACKUP_DAILY: 6,
      BACKUP_WEEKLY: 4,
      BACKUP_MONTHLY: 2,
      BACKUP_YEARLY: 0,
      BACKUP_RATE_MB: 32,
      BACKUP_OWN_CLUSTER: 'no',
      BULKHEAD_ENVIRONMENT: 'live',
      TRUSTED_PROXIES: [],
      TELEMETRY_POOLS: 100,
      isGatewayApart: false,
    });
    expect(Object.isFrozen(configuration)).toBe(true);
  });

  it('refuses a directory in which nothing can be kept', () => {
    expect(names({ BULKHEAD_HOME: '/proc/x', LOG_DIRECTORY: '/tmp/../sys/x', EXPORT_DIRECTORY: '/process' })).toEqual([
      'BULKHEAD_HOME',
      'LOG_DIRECTORY',
    ]);
  });

  it('refuses addresses with a password, and does not say it', () => {
    const { message } = mistakesOf({ ALERT_WEBHOOK_URL: 'https://user:sesame@example.com/alerts' });
    expect(message).toMatch(/ALERT_WEBHOOK_URL holds a user or a password/);
    expect(message).not.toMatch(/sesame/);
  });

  it('reads what is set, takes an empty variable for one that is not, and ignores those of others', () => {
    expect(
      readConfiguration({ PORT: '0', HOST: '::1', TRUSTED_PROXIES: ' 10.0.0.0/8, ::1 ', LOG_LEVEL: '', HOSTNAME: 'x' }),
    ).toMatchObject({ PORT: 0, HOST: '::1', TRUSTED_PROXIES: ['10.0.0.0/8', '::1'] });
    const key = Buffer.alloc(32, 9);
    expect(readConfiguration({ ROOT_KEY: key.toString('base64') }).ROOT_KEY).toEqual(key);
  });

  it('tells every mistake at once', () => {
    expect(
      names({
        PORT: '4000x',
        HOST: 'a b',
        BULKHEAD_ENVIRONMENT: 'Live!',
        BULKHEAD_HOEM: '/x',
        DATABASE_URL: 'postgres://db/x',
        TRUSTED_PROXIES: '*',
        LOG_LEVEL: 'loud',
        REDIS_URL: 'localhost:6379',
        CONTEXT_KEY: 'short',
        CONTEXT_KEY_FILE: '/run/key',
      }),
    ).toEqual([
      'BULKHEAD_ENVIRONMENT',
      'BULKHEAD_HOEM',
      'CONTEXT_KEY',
      'CONTEXT_KEY',
      'DATABASE_URL',
      'HOST',
      'LOG_LEVEL',
      'PORT',
      'REDIS_URL',
      'TRUSTED_PROXIES',
    ]);
  });

  it('repeats no value', () => {
    const secrets = { DATABASE_URL: 'postgres:/admin:hunter2@db', TELEMETRY_KEY: 'hunter3', BULKHEAD_KEY: 'hunter4' };
    const { message, mistakes } = mistakesOf(secrets);
    expect(message + JSON.stringify(mistakes)).not.toMatch(/hunter/);
  });

  it.each(['65536', '-1', '80.5', '0x50', ' 80'])('refuses the port %j', (PORT) => {
    expect(names({ PORT })).toEqual(['PORT']);
  });

  it.each([
    'postgres://admin:p%40ss@db:5432/postgres',
    'postgresql://admin@[::1]/postgres?sslmode=verify-full',
    'postgres://admin:pw@a:5432,b:5432/postgres?target_session_attrs=primary',
  ])('accepts the address %s', (DATABASE_URL) => {
    expect(readConfiguration({ DATABASE_URL }).DATABASE_URL).toBe(DATABASE_URL);
  });

  it('wants everything of a gateway that runs apart, and nothing of an administrator', () => {
    const GATEWAY_DATABASE_URL = 'postgres://bulkhead_gateway:x@db/bulkhead';
    expect(names({ GATEWAY_DATABASE_URL, DATABASE_URL: 'postgres://admin@db/postgres' })).toEqual([
      'BULKHEAD_DEPLOYMENT_ID',
      'CONTEXT_KEY_FILE',
      'DATABASE_URL',
      'TELEMETRY_KEY_FILE',
      'VAULT_DATABASE_URL',
    ]);
    const whole = {
      GATEWAY_DATABASE_URL,
      VAULT_DATABASE_URL: 'postgres://bulkhead_vault_writer:x@db/bulkhead_vault',
      BULKHEAD_DEPLOYMENT_ID: '6f2d3c1e-9a4b-4c5d-8e6f-0a1b2c3d4e5f',
      CONTEXT_KEY_FILE: '/run/context.key',
      TELEMETRY_KEY_FILE: '/run/telemetry.key',
    };
    expect(readConfiguration(whole).isGatewayApart).toBe(true);
  });

  it('knows the id of the deployment by itself where nothing runs apart', () => {
    expect(names({ BULKHEAD_DEPLOYMENT_ID: '6f2d3c1e-9a4b-4c5d-8e6f-0a1b2c3d4e5f' })).toEqual([
      'BULKHEAD_DEPLOYMENT_ID',
    ]);
  });
});
