import { type Check, fail, pass } from '../check.js';
import { askPublic } from '../system/ask-public.js';
import { nothingInFront, publicAddress } from '../system/public-address.js';

/** The API answers nobody in clear text: port 80 refuses, or does nothing but send elsewhere. */
export const noPlainHttp: Check = {
  id: 'no-plain-http',
  title: 'The API answers nobody over plain HTTP',
  look: async (context) => {
    const url = publicAddress(context);
    if (url === undefined) return nothingInFront();
    // A server on another port than 443 is asked there: it has to want TLS.
    const plain = new URL('/graphql', `http://${url.hostname}:${url.port === '' ? 80 : url.port}`);
    try {
      const { status } = await askPublic(plain, []);
      return status < 300 || status === 401
        ? fail(`/graphql answers ${status} without TLS`)
        : pass(`refused by ${status}`);
    } catch (error) {
      return pass(`no answer (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
    }
  },
};
