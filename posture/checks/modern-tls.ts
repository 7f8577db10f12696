import { type Check, fail, pass } from '../check.js';
import { nothingInFront, publicAddress } from '../system/public-address.js';
import { shakeHands } from '../system/shake-hands.js';

/** Clients come in by TLS 1.3 and by no older version: real handshakes. */
export const modernTls: Check = {
  id: 'modern-tls',
  title: 'Clients come in by TLS 1.3 and nothing older',
  look: async (context) => {
    const url = publicAddress(context);
    if (url === undefined) return nothingInFront();
    const modern = await shakeHands(url, 'TLSv1.3', context.extraAuthorities);
    if (modern.version !== 'TLSv1.3') return fail(`no handshake by TLS 1.3 (${modern.fault})`);
    const old = await shakeHands(url, 'TLSv1.2', context.extraAuthorities);
    return old.version === null ? pass('TLS 1.3 is accepted, 1.2 refused') : fail(`${old.version} is accepted too`);
  },
};
