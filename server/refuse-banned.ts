import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseKey } from '../auth/api-keys/key-format.js';
import type { RememberedKeys } from '../auth/api-keys/remembered-keys.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import type { AddressBans } from './address-bans.js';
import { presentedKey } from './authenticate.js';

/** Pages that load balancers ask. */
const probes = new Set(['/health/live', '/health/ready']);

/**
 * Refuses requests of banned addresses before anything is looked up. A key that this gateway remembers goes on working
 * from there: behind one address there may be a whole office, of which one device has a wrong key. Posts to hooks are
 * decided on by their own route.
 */
export function refuseBanned(app: FastifyInstance, bans: AddressBans, keys: RememberedKeys): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const leftMs = bans.leftMs(request.ip);
    const route = request.routeOptions.url ?? '';
    if (leftMs === undefined || probes.has(route) || route === '/hooks/:id' || isRemembered(request, keys))
      return done();
    bans.noteRefusal();
    done(banned(leftMs));
  });
}

/** The error for a request from a banned address. */
export function banned(leftMs: number): BulkheadError {
  const retryAfterMs = Math.ceil(leftMs);
  return new BulkheadError('RATE_LIMITED', 'Too many requests from this address had no valid key', { retryAfterMs });
}

function isRemembered({ headers }: FastifyRequest, keys: RememberedKeys): boolean {
  try {
    const parsed = parseKey(presentedKey(headers));
    return parsed !== undefined && keys.isRemembered(parsed);
  } catch {
    return false;
  }
}
