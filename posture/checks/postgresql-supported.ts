import type { Check } from '../check.js';
import { supportFinding } from '../system/support-finding.js';

/** The PostgreSQL that runs gets repairs of its makers. */
export const postgresqlSupported: Check = {
  id: 'postgresql-supported',
  title: 'The PostgreSQL that runs gets repairs',
  canWait: true,
  look: async ({ operational, now }) => {
    const [row] = await operational.ask<{ version: string }>(`select current_setting('server_version') as version`);
    return supportFinding('postgresql', row?.version.split(' ')[0] ?? '', now);
  },
};
