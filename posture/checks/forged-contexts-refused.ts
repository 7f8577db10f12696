import { probeContexts } from '../../db/probe-context.js';
import { type Check, fail, passUnless } from '../check.js';
import { postureIdentity } from '../system/as-system.js';

/** Contexts that are forged, changed or of another connection are refused; a genuine one is tried beside them. */
export const forgedContextsRefused: Check = {
  id: 'forged-contexts-refused',
  title: 'Forged contexts are refused by PostgreSQL',
  look: async ({ rows }) => {
    const { isGenuineAccepted, accepted } = await probeContexts(rows, postureIdentity());
    if (!isGenuineAccepted) return fail('a genuine context was refused too: nothing was learned');
    return passUnless(
      accepted.map((name) => `a context ${name} was accepted`),
      'four kinds of forgeries were refused, a genuine one accepted',
    );
  },
};
