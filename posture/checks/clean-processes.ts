import { type Check, fail, notProvided, passUnless } from '../check.js';
import { argumentsOf, environmentNames, familyOf } from '../system/processes.js';

const secretName = /KEY|SECRET|PASSWORD|TOKEN|DATABASE_URL|CREDENTIAL/i;
/** What the process that starts the others may have been given of ours; the rest of its environment is its user's. */
const ownSecretName = /^(ROOT_KEY|CONTEXT_KEY|TELEMETRY_KEY|AUDIT_KEY|CHECKPOINT_BUCKET_SECRET|DATABASE_URL)$/;
/** Paths of files with secrets are none. */
const isPath = (name: string) => /_FILE$/.test(name);
const secretArgument = /:\/\/[^/@\s]+:[^/@\s]+@|bh(?:ad|ex|op)_[a-z0-9]+_/;

/** Environment and arguments of the processes that run hold no secret: the system shows them to others. */
export const cleanProcesses: Check = {
  id: 'clean-processes',
  title: 'No secret is in the environment or the arguments of a process',
  look: async ({ systemRoot, configuration }) => {
    if (process.platform !== 'linux') return notProvided('environments of processes can be seen on Linux only');
    const family = familyOf(systemRoot, configuration.supervisorPid);
    if (family.length === 0) return fail('the processes of this deployment were not found on this machine');
    const faults = family.flatMap((pid) => {
      // Some have ended by now, and those of another user do not show it.
      const names = environmentNames(systemRoot, pid) ?? [];
      const forbidden = pid === configuration.supervisorPid ? ownSecretName : secretName;
      const named = names.filter((name) => forbidden.test(name) && !isPath(name));
      const isTold = argumentsOf(systemRoot, pid).some((argument) => secretArgument.test(argument));
      return [
        ...named.map((name) => `process ${pid} was started with ${name}`),
        ...(isTold ? [`process ${pid} has a secret in its arguments`] : []),
      ];
    });
    return passUnless(faults, `${family.length} processes were looked at`);
  },
};
