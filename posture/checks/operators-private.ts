import { type Check, passUnless } from '../check.js';
import { askGateway } from '../system/ask-gateway.js';

/** What operators have is refused without an operator's key; a forged address does not help. */
export const operatorsPrivate: Check = {
  id: 'operators-private',
  title: 'What operators have is refused to everybody else',
  look: async (context) => {
    const faults: string[] = [];
    for (const [method, path] of [
      ['POST', '/operator/graphql'],
      ['GET', '/metrics'],
    ] as const) {
      for (const address of ['10.0.0.1', '203.0.113.9']) {
        const { status } = await askGateway(context, path, {
          method,
          headers: { 'x-forwarded-for': address, 'content-type': 'application/json' },
          ...(method === 'POST' ? { body: '{"query":"{ organizations(first: 1) { id } }"}' } : {}),
        });
        if (status !== 401 && status !== 404) faults.push(`${path} answered ${status}`);
      }
    }
    return passUnless(faults, '/operator/graphql and /metrics refuse callers without an operator’s key');
  },
};
