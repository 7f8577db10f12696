import { Command } from 'commander';
import { auditSigner, formatVerifierKey } from '../audit/audit-key.js';
import { loadConfiguration } from '../server/configuration.js';
import { deploymentIdOf } from '../server/deployment-id.js';
import { readKey } from '../server/keys.js';
import { verifyCommand } from './audit-verify.js';
import { print, printJson } from './print.js';

/** `bulkhead audit`. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('The sealed audit log: verify it, show its public key')
    .addCommand(verifyCommand())
    .addCommand(keyCommand());
}

function keyCommand(): Command {
  return new Command('key')
    .description('Show the public key of the audit log. Keep it where nobody with this machine can change it.')
    .option('--json', 'print {publicKey} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead audit key
  npx bulkhead audit key > audit.pub`,
    )
    .action(({ json = false }: { json?: boolean }) => {
      const publicKey = ownPublicKey();
      if (json) printJson({ publicKey });
      else print(publicKey);
    });
}

/** The verifier key of the deployment whose home is configured. */
function ownPublicKey(): string {
  const configuration = loadConfiguration();
  const seed = readKey(configuration, 'audit');
  return formatVerifierKey(auditSigner(seed, deploymentIdOf(configuration.BULKHEAD_HOME)));
}
