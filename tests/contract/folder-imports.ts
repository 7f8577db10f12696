/**
 * What each folder may import from other folders of the project; `type` marks imports that are gone when it runs. Files
 * beside the folders (`codegen.ts`) count as a folder of their own.
 */
export const folderImports: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  auth: ['errors', 'db'],
  db: ['errors', 'type auth'],
  bucket: ['errors'],
  audit: ['type errors', 'type db', 'bucket'],
  telemetry: ['errors', 'db'],
  vault: ['errors', 'db', 'type auth'],
  integrations: ['errors', 'auth', 'db', 'telemetry'],
  domain: ['errors', 'auth', 'db', 'audit', 'jobs', 'telemetry', 'vault', 'integrations'],
  export: ['errors', 'auth', 'db', 'domain', 'telemetry'],
  model: ['db', 'domain'],
  resolvers: ['errors', 'auth', 'db', 'audit', 'domain', 'model', 'telemetry', 'integrations', 'type vault'],
  plan: ['errors', 'auth', 'db', 'domain', 'model', 'resolvers', 'telemetry'],
  posture: ['errors', 'auth', 'db', 'audit', 'domain'],
  backups: ['errors', 'auth', 'db', 'audit', 'bucket', 'domain', 'jobs', 'signals', 'vault'],
  recovery: ['auth', 'db', 'audit'],
  signals: ['auth', 'db', 'jobs'],
  alerts: ['auth', 'db', 'integrations', 'jobs', 'type signals'],
  jobs: [
    'errors',
    'auth',
    'db',
    'audit',
    'type bucket',
    'domain',
    'export',
    'integrations',
    'signals',
    'telemetry',
    'vault',
  ],
  client: [],
  console: ['db'],
  demo: ['client'],
  server: [
    'errors',
    'auth',
    'db',
    'audit',
    'backups',
    'vault',
    'domain',
    'integrations',
    'export',
    'resolvers',
    'plan',
    'jobs',
    'signals',
    'alerts',
    'type posture',
    'client',
    'console',
    'demo',
  ],
  cli: [
    'type alerts',
    'auth',
    'db',
    'audit',
    'backups',
    'domain',
    'type export',
    'jobs',
    'posture',
    'recovery',
    'server',
    'client',
  ],
  'codegen.ts': [],
  scripts: ['alerts', 'codegen.ts', 'db', 'server', 'tests'],
};

/** Where a folder may import only these files of another, in order of their names. */
export const onlyFiles: readonly {
  readonly from: string;
  readonly folder: string;
  readonly files: readonly string[];
}[] = [
  { from: 'console', folder: 'db', files: ['db/package-root.ts'] },
  {
    from: 'auth',
    folder: 'db',
    files: ['db/authenticate-key.ts', 'db/database.ts', 'db/listen.ts', 'db/with-org.ts'],
  },
  { from: 'domain', folder: 'jobs', files: ['jobs/enqueue-job.ts'] },
  { from: 'signals', folder: 'jobs', files: ['jobs/periodic-job.ts'] },
  { from: 'alerts', folder: 'jobs', files: ['jobs/periodic-job.ts'] },
  { from: 'scripts', folder: 'tests', files: ['tests/support/admin-connection.ts', 'tests/support/test-cluster.ts'] },
];
