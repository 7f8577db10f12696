import { type Check, fail, pass } from '../check.js';
import { encryptionAtRest } from '../system/encryption-at-rest.js';

/** Keys, configuration and copies of the audit log lie on encrypted disks. */
export const diskOfHome: Check = {
  id: 'disk-of-home',
  title: 'Home and the copies of the audit log lie on an encrypted disk',
  canWait: true,
  look: async ({ configuration: { home, directories }, systemRoot }) => {
    const places = { home, 'copies of the audit log': directories.checkpoints, archives: directories.exports };
    const findings = Object.entries(places).map(([name, path]) => ({ name, ...encryptionAtRest(systemRoot, path) }));
    const worst = findings.find(({ status }) => status === 'FAIL');
    if (worst !== undefined) return fail(`${worst.name}: ${worst.evidence}`);
    const unknown = findings.find(({ name, status }) => name === 'home' && status === 'NOT_PROVIDED');
    return unknown ?? pass(`home: ${findings[0]?.evidence}`);
  },
};
