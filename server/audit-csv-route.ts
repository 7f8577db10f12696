import { pipeline } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { FastifyInstance } from 'fastify';
import { rateLimitHeaders } from '../auth/rate-limits/rate-limit-headers.js';
import { beginExport, exportEntries } from '../domain/audit/export-audit.js';
import { authenticate, type Caller } from './authenticate.js';
import { rateLimited } from './charge-operation.js';
import { confirmed } from './confirmed.js';
import type { LiveServices } from './live/live-services.js';
import { describeFailure } from './log-failures.js';

/** What the export needs of the process. */
type ExportServices = Pick<LiveServices, 'operational' | 'keys' | 'tokens' | 'environment' | 'log' | 'noteUse'>;

/** What an export costs: as much as ten root fields. */
const exportCost = { STANDARD: 10, DATA_READ: 0 } as const;

const columns = [
  'id',
  'index',
  'at',
  'actorType',
  'actorId',
  'action',
  { key: 'resource', header: 'resourcePath' },
  'outcome',
  'code',
  'clientAddress',
  'requestId',
  'change',
];

/**
 * `GET /audit.csv`: the audit log of the last 90 days, oldest first, as it is read. RFC 4180, with a header; cells that a
 * spreadsheet would take for a formula begin with an apostrophe. Needs `read AUDIT`, costs ten tokens, and is itself in
 * the audit log.
 */
export function addAuditCsvRoute(app: FastifyInstance, services: ExportServices): void {
  const { operational, keys, tokens, environment, log, noteUse } = services;
  app.get('/audit.csv', {
    onRequest: async (request) => {
      const caller = await authenticate(keys, request.headers, request.ip, request.id, environment);
      request.caller = caller;
      request.logFields = { orgId: caller.identity.orgId, keyId: caller.key.id };
      noteUse(caller);
    },
    handler: async (request, reply) => {
      if (request.caller === undefined) throw new Error('the request was not authenticated');
      let caller: Caller = request.caller;
      const { granted, retryAfterMs, states } = await tokens.take(caller.identity, exportCost);
      reply.headers(rateLimitHeaders(states));
      if (!granted) throw rateLimited(retryAfterMs);
      const lookAgain = async () => {
        keys.forget(caller.key.id);
        caller = await authenticate(keys, request.headers, request.ip, request.id, environment);
      };
      const window = await begin(() => caller, operational, lookAgain);
      const csv = stringify({
        header: true,
        columns,
        escape_formulas: true,
        record_delimiter: '\r\n',
        quoted_match: /[\r\n]/,
      });
      pipeline(exportEntries(operational, caller.identity, window), csv, (error) => {
        if (error)
          log.warn({ requestId: request.id, ...describeFailure(error) }, 'an export of the audit log ended early');
      });
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="audit-${window.to.slice(0, 10)}.csv"`)
        .send(csv);
    },
  });
}

/** A key that has changed since it was remembered is refused by the first transaction: it is looked up and tried again. */
async function begin(
  caller: () => Caller,
  operational: LiveServices['operational'],
  lookAgain: () => Promise<void>,
): Promise<Awaited<ReturnType<typeof beginExport>>> {
  const { identity } = caller();
  const attempt = () =>
    beginExport(operational, caller().identity).catch((error: unknown) => {
      if (caller().identity === identity && identity.fate.isRefused) return undefined;
      throw error;
    });
  const window = await confirmed(operational, identity, attempt, lookAgain);
  if (window === undefined) throw new Error('the export was not begun');
  return window;
}
