import type { ConfigurationMistake } from './configuration-mistakes.js';

const keyNames = [
  'ROOT_KEY',
  'CONTEXT_KEY',
  'TELEMETRY_KEY',
  'AUDIT_KEY',
  'BACKUP_KEY',
  'CHECKPOINT_BUCKET_SECRET',
  'BACKUP_BUCKET_SECRET',
  'ALERT_WEBHOOK_SECRET',
];
const apartAddresses = ['GATEWAY_DATABASE_URL', 'VAULT_DATABASE_URL'];

/** Settings that do not go together; looks only at what is set, so that it can be told beside faulty values. */
export function misfits(isSet: (name: string) => boolean): ConfigurationMistake[] {
  const doubleKeys = keyNames
    .filter((name) => isSet(name) && isSet(`${name}_FILE`))
    .map((name) => ({ name, complaint: `is set beside ${name}_FILE: keep one of the two` }));
  return [
    ...doubleKeys,
    ...bucketMisfits(isSet, 'CHECKPOINT'),
    ...bucketMisfits(isSet, 'BACKUP'),
    ...(apartAddresses.some(isSet) ? apartMisfits(isSet) : togetherMisfits(isSet)),
  ];
}

/** A bucket needs its region and credentials, which are of no use without it. */
function bucketMisfits(isSet: (name: string) => boolean, prefix: 'CHECKPOINT' | 'BACKUP'): ConfigurationMistake[] {
  const name = (end: string) => `${prefix}_BUCKET_${end}`;
  const secret = [name('SECRET'), name('SECRET_FILE')];
  const parts = [isSet(name('URL')), isSet(name('REGION')), isSet(name('KEY_ID')), secret.some(isSet)];
  if (parts.every((part) => part) || parts.every((part) => !part)) return [];
  const complaint =
    `is set with only some of the others: a bucket needs ${name('URL')}, ${name('REGION')}, ` +
    `${name('KEY_ID')} and ${name('SECRET')} or its _FILE`;
  return [{ name: name('URL'), complaint }];
}

/** A gateway that runs apart makes nothing: it is told everything. */
function apartMisfits(isSet: (name: string) => boolean): ConfigurationMistake[] {
  const apart = 'for a gateway that runs apart (GATEWAY_DATABASE_URL and VAULT_DATABASE_URL)';
  const mistakes = apartAddresses
    .filter((name) => !isSet(name))
    .map((name) => ({ name, complaint: `is missing ${apart}` }));
  for (const name of ['CONTEXT_KEY', 'TELEMETRY_KEY']) {
    if (!isSet(name) && !isSet(`${name}_FILE`)) {
      mistakes.push({ name: `${name}_FILE`, complaint: `is missing ${apart}: give the key of the deployment` });
    }
  }
  if (!isSet('BULKHEAD_DEPLOYMENT_ID')) {
    mistakes.push({
      name: 'BULKHEAD_DEPLOYMENT_ID',
      complaint: `is missing ${apart}: see deployment.json in its home`,
    });
  }
  if (isSet('DATABASE_URL')) {
    mistakes.push({ name: 'DATABASE_URL', complaint: 'is the administrator’s: unset it where a gateway runs apart' });
  }
  return mistakes;
}

function togetherMisfits(isSet: (name: string) => boolean): ConfigurationMistake[] {
  if (!isSet('BULKHEAD_DEPLOYMENT_ID')) return [];
  return [
    { name: 'BULKHEAD_DEPLOYMENT_ID', complaint: 'is for a gateway that runs apart: unset it, home knows the id' },
  ];
}
