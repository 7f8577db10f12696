import { refusalOfConnection } from '../../db/refusal-of-connection.js';
import { type Check, passUnless } from '../check.js';

/** SQLSTATE "invalid password" and "invalid authorization": the server has asked for a password and refused it. */
const refusals = ['28P01', '28000'];
const roles = ['bulkhead_gateway', 'bulkhead_worker', 'bulkhead_migrator', 'postgres'];

/** PostgreSQL lets nobody in without the right password: real attempts, one a role. */
export const passwordRequired: Check = {
  id: 'password-required',
  title: 'PostgreSQL lets nobody in without a password',
  look: async ({ configuration }) => {
    const faults: string[] = [];
    for (const role of roles) {
      // An address may name several hosts, which no URL does.
      const url = configuration.operationalUrl.replace(/\/\/[^@]*@/, `//${role}:a-password-that-nobody-has@`);
      const code = await refusalOfConnection(url);
      if (code === undefined) faults.push(`${role} was let in with a wrong password`);
      else if (!refusals.includes(code)) faults.push(`the attempt of ${role} ended by ${code}`);
    }
    return passUnless(faults, `${roles.length} roles with a wrong password were refused`);
  },
};
