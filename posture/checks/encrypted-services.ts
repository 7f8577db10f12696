import { type Check, passUnless } from '../check.js';
import { isElsewhere } from '../system/is-elsewhere.js';

/** Redis, collector, buckets and webhooks of the deployment are spoken to by TLS, unless they are on this machine. */
export const encryptedServices: Check = {
  id: 'encrypted-services',
  title: 'No service on another machine is spoken to in clear text',
  canWait: true,
  look: async ({ configuration: { services } }) => {
    const faults: string[] = [];
    for (const [name, url] of Object.entries(services)) {
      const isClear = !/^(https|rediss):$/.test(new URL(url).protocol);
      // A host that has no address now is taken for another machine.
      if (isClear && (await isElsewhere(url).catch(() => true)))
        faults.push(`${name} is another machine, in clear text`);
    }
    return passUnless(faults, `${Object.keys(services).length} addresses beside that of PostgreSQL`);
  },
};
