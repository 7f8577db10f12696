import { type Check, notProvided, passUnless } from '../check.js';
import { askPublic } from '../system/ask-public.js';
import { nothingInFront, publicAddress } from '../system/public-address.js';

const paths = ['/graphql', '/explorer', '/health/live'];
const attack = 'x=%3Cscript%3Ealert(1)%3C%2Fscript%3E&y=1%27%20OR%20%271%27%3D%271';

/** A web application firewall refuses a common exploit on every public path: it is tried. */
export const firewallInFront: Check = {
  id: 'firewall-in-front',
  title: 'A web application firewall refuses common exploits',
  look: async (context) => {
    const url = publicAddress(context);
    if (url === undefined) return nothingInFront();
    const statuses: number[] = [];
    for (const path of paths)
      statuses.push((await askPublic(new URL(`${path}?${attack}`, url), context.extraAuthorities)).status);
    if (!statuses.includes(403))
      return notProvided('no path refuses an exploit: there is no firewall that looks at requests');
    const open = paths.filter((_, at) => statuses[at] !== 403);
    return passUnless(
      open.map((path) => `${path} lets an exploit through`),
      `an exploit at ${paths.length} paths was refused`,
    );
  },
};
