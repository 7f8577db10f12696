import { type Check, fail, notProvided, passUnless } from '../check.js';
import { argumentsOf, environmentOf, familyOf, isThere } from '../system/processes.js';

const secretName = /KEY|SECRET|PASSWORD|TOKEN|DATABASE_URL|CREDENTIAL/i;
/** Paths of files with secrets are none. */
const isPath = (name: string) => /_FILE$/.test(name);
const isAddress = (name: string) => /_URL$/.test(name);
const addressWithSecret = /@|password=/i;
const secretArgument = /:\/\/[^/@\s]+:[^/@\s]+@|bh(?:ad|ex|op)_[a-z0-9]+_/;

/** Environment and arguments of the processes that run hold no secret: the system shows them to others. */
export const cleanProcesses: Check = {
  id: 'clean-processes',
  title: 'No secret is in the environment or the arguments of a process',
  look: async ({ systemRoot, configuration }) => {
    if (process.platform !== 'linux') return notProvided('environments of processes can be seen on Linux only');
    const family = familyOf(systemRoot, configuration.supervisorPid);
    if (family.length === 0) return fail('the processes of this deployment were not found on this machine');
    const own = configuration.secretSettings;
    const faults = family.flatMap((pid) => {
      const environment = environmentOf(systemRoot, pid);
      // One that has ended by now has none.
      if (environment === undefined) {
        return isThere(systemRoot, pid) ? [`the environment of process ${pid} cannot be read`] : [];
      }
      // The environment of the process that starts the others is its user's, but for our settings.
      const isForbidden = (name: string) =>
        own.includes(name) || (pid !== configuration.supervisorPid && secretName.test(name));
      const named = Object.entries(environment)
        .filter(([name]) => isForbidden(name) && !isPath(name))
        .filter(([name, value]) => value !== '' && (!isAddress(name) || addressWithSecret.test(value)));
      const isTold = argumentsOf(systemRoot, pid).some((argument) => secretArgument.test(argument));
      return [
        ...named.map(([name]) => `process ${pid} was started with ${name}`),
        ...(isTold ? [`process ${pid} has a secret in its arguments`] : []),
      ];
    });
    return passUnless(faults, `${family.length} processes were looked at`);
  },
};
