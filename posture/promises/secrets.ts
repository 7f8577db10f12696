import { kept, type Promised, tested } from '../promised.js';

/** Secrets of integrations and of the deployment. */
export const secretsPromises: readonly Promised[] = [
  kept(
    'P029',
    'PRODUCT',
    'Encryption uses managed keys that can be listed and rotated.',
    ['keys-managed'],
    'tests/integration/keys.test.ts',
  ),
  kept(
    'P038',
    'PRODUCT',
    'Credentials of integrations live in a vault of their own.',
    ['vault-closed'],
    'tests/integration/vault.test.ts',
  ),
  tested(
    'P039',
    'PRODUCT',
    'Secrets are encrypted, and bound to the place that they belong to.',
    ['vault-closed', 'schema-as-shipped'],
    'tests/unit/vault',
  ),
  kept(
    'P040',
    'DEPLOYMENT',
    'The vault is reached from private networks only.',
    ['private-listeners', 'vault-closed', 'password-required'],
    'tests/integration/vault.test.ts',
  ),
  kept(
    'P041',
    'PRODUCT',
    'Secrets are never answered by the API.',
    ['write-only-secrets'],
    'tests/isolation/canary-secret.test.ts',
  ),
  kept(
    'P082',
    'DEPLOYMENT',
    'No credential is in the source code.',
    ['no-secrets-in-program'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P083',
    'DEPLOYMENT',
    'Credentials reach processes by a channel or private files, never by arguments or environment.',
    ['clean-processes', 'private-files'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  tested(
    'P097',
    'PRODUCT',
    'Credentials of integrations are encrypted before they are written, with keys of this deployment only.',
    ['vault-closed', 'private-files'],
    'tests/isolation/canary-secret.test.ts',
  ),
];
