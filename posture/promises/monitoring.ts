import { absent, kept, type Promised } from '../promised.js';

/** Watching, software and development. */
export const monitoringPromises: readonly Promised[] = [
  kept(
    'P001',
    'DEPLOYMENT',
    'This page says what is built and how it runs: every promise is looked at or marked as not provided.',
    ['schema-as-shipped'],
    'tests/contract/posture.test.ts',
  ),
  absent(
    'P002',
    'PRODUCT',
    'Documentation has an index for machines, and every page can be had as Markdown.',
    'pages are files of the repository only',
  ),
  kept(
    'P061',
    'PRODUCT',
    'The system is watched by metrics, which operators alone can see.',
    ['operators-private'],
    'tests/integration/operators.test.ts',
  ),
  kept(
    'P062',
    'PRODUCT',
    'Every request is logged, and logs hold no secrets.',
    ['quiet-server-log'],
    'tests/isolation/canary-secret.test.ts',
  ),
  absent(
    'P063',
    'DEPLOYMENT',
    'Faults raise alerts, and alerts end when they are mended.',
    'alerts are noted, and nothing tells anybody of them yet',
  ),
  absent(
    'P064',
    'DEPLOYMENT',
    'Logs of the application are kept for a stated time.',
    'logs go to standard error: how long they are kept is up to what collects them',
  ),
  kept(
    'P071',
    'DEPLOYMENT',
    'The platform runs on software that gets repairs.',
    ['node-supported', 'postgresql-supported', 'openssl-supported'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  absent(
    'P090',
    'DEPLOYMENT',
    'Dependencies are scanned for known faults with each change.',
    'versions are pinned; there is no scan of advisories in CI',
  ),
  absent(
    'P091',
    'DEPLOYMENT',
    'Code is scanned with each change.',
    'lint and the checks of structure run with each change; there is no scanner for faults',
  ),
  kept(
    'P094',
    'DEPLOYMENT',
    'Security is part of development: every promise has a check, and every check was seen to fail.',
    ['schema-as-shipped'],
    'tests/contract/posture.test.ts',
  ),
  absent(
    'P115',
    'PRODUCT',
    'Files of users are marked as not trusted before a model reads them.',
    'no language model is called anywhere: there is nothing to which this could apply',
  ),
  absent(
    'P116',
    'PRODUCT',
    'Models are told to treat marked text as data.',
    'no language model is called anywhere: there is nothing to which this could apply',
  ),
  kept(
    'P118',
    'PRODUCT',
    'Posts of third parties are verified by their signature.',
    ['schema-as-shipped'],
    'tests/http/hooks.test.ts',
  ),
  kept(
    'P119',
    'PRODUCT',
    'What a third party sends twice has its effect once.',
    ['schema-as-shipped'],
    'tests/http/hook-readings.test.ts',
  ),
  absent(
    'P153',
    'DEPLOYMENT',
    'Threats are watched for and met all the time.',
    'refusals are logged and audited; nothing learns of attacks from them by itself',
  ),
  absent(
    'P174',
    'DEPLOYMENT',
    'Logs and measures can be sent to a central service.',
    'logs are JSON lines and metrics are scraped; a buffer for outages of the collector is not built',
  ),
  absent(
    'P175',
    'DEPLOYMENT',
    'Errors are reported to a service that tracks them.',
    'errors are in the log under their request id; no such service is called',
  ),
];
