import { type Check, fail, pass } from '../check.js';
import { nothingInFront, publicAddress } from '../system/public-address.js';
import { shakeHands } from '../system/shake-hands.js';

/** Days before the end of a certificate by which it has to be renewed. */
const leadDays = 14;

/** The certificate that clients see is trusted, for this name, and renewed in time. */
export const validCertificate: Check = {
  id: 'valid-certificate',
  title: 'The certificate is trusted and renewed in time',
  canWait: true,
  look: async (context) => {
    const url = publicAddress(context);
    if (url === undefined) return nothingInFront();
    const { version, fault, validTo } = await shakeHands(url, 'TLSv1.3', context.extraAuthorities);
    if (version === null) return fail(`no handshake (${fault})`);
    if (fault !== null) return fail(`the certificate is not trusted (${fault})`);
    const days = Math.floor(((validTo?.getTime() ?? 0) - context.now.getTime()) / 86_400_000);
    return days >= leadDays ? pass(`valid for more than ${leadDays} days`) : fail(`it ends in ${days} days`);
  },
};
