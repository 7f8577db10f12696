import { type Check, passUnless } from '../check.js';
import { askGateway } from '../system/ask-gateway.js';

/** One byte more than a body may have. */
const tooLarge = 1024 * 1024 + 1;

/** Bodies that come without a key, too large ones and foreign ones, are refused before they are read. */
export const boundedRequests: Check = {
  id: 'bounded-requests',
  title: 'Bodies of strangers are refused, whatever their size and form',
  look: async (context) => {
    const ask = (type: string, body: string) =>
      askGateway(context, '/graphql', { method: 'POST', headers: { 'content-type': type }, body });
    const large = await ask('application/json', ' '.repeat(tooLarge));
    const foreign = await ask('text/xml', '<query/>');
    const accepted = [large, foreign].filter(({ status }) => status < 400 || status >= 500);
    return passUnless(
      accepted.map(({ status }) => `a request that is too large or foreign was answered by ${status}`),
      `a body of 1 MiB and a byte: ${large.status}; XML: ${foreign.status}`,
    );
  },
};
