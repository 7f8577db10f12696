import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Database } from '../db/database.js';
import type { PlannedReadCounts } from '../plan/planned-reads.js';
import type { LiveCounts } from './live/live-connections.js';
import { operatorOf } from './operator-of.js';

/** What is measured, and who may see it. */
export interface MetricsServices {
  readonly operational: Database;
  readonly environment: string;
  readonly plannedReads: () => PlannedReadCounts;
  readonly live: () => LiveCounts;
}

/**
 * `/metrics`: the gateway in the text format of Prometheus, for operators (`Authorization: Bearer <operator's key>`):
 * process and event loop (`bulkhead_process_*`, `bulkhead_nodejs_*`), how queries were answered, and what
 * is subscribed to.
 */
export function addMetricsRoute(app: FastifyInstance, services: MetricsServices): void {
  const { operational, environment } = services;
  const register = new Registry();
  collectDefaultMetrics({ register, prefix: 'bulkhead_' });
  registerReads(register, services.plannedReads);
  registerLive(register, services.live);
  app.get('/metrics', {
    onRequest: async (request) => {
      await operatorOf(request, operational, environment);
    },
    handler: async (_request, reply) => {
      const text = await register.metrics();
      return reply.header('content-type', register.contentType).send(text);
    },
  });
}

function registerReads(register: Registry, counts: () => PlannedReadCounts): void {
  const planned = new Counter({
    name: 'bulkhead_planned_reads_total',
    help: 'Query operations answered by one statement a store.',
    registers: [register],
    collect: () => {
      planned.reset();
      planned.inc(counts().planned);
    },
  });
  const resolved = new Counter({
    name: 'bulkhead_resolved_reads_total',
    help: 'Query operations left to the resolvers, by reason: a field that has no plan, or a code of an error.',
    labelNames: ['reason'],
    registers: [register],
    collect: () => {
      resolved.reset();
      for (const [reason, count] of Object.entries(counts().fallback)) resolved.inc({ reason }, count);
    },
  });
}

function registerLive(register: Registry, counts: () => LiveCounts): void {
  const connections = new Gauge({
    name: 'bulkhead_live_connections',
    help: 'Open live connections.',
    labelNames: ['transport'],
    registers: [register],
    collect: () => {
      for (const [transport, count] of Object.entries(counts().connections)) connections.set({ transport }, count);
    },
  });
  const subscriptions = new Gauge({
    name: 'bulkhead_live_subscriptions',
    help: 'Open subscriptions.',
    registers: [register],
    collect: () => {
      subscriptions.set(counts().subscriptions);
    },
  });
  const events = new Counter({
    name: 'bulkhead_live_events_total',
    help: 'Events that were sent to subscribers.',
    registers: [register],
    collect: () => {
      events.reset();
      events.inc(counts().events);
    },
  });
  const ended = new Counter({
    name: 'bulkhead_live_ended_total',
    help: 'Live connections that the gateway has ended, by reason.',
    labelNames: ['reason'],
    registers: [register],
    collect: () => {
      ended.reset();
      for (const [reason, count] of Object.entries(counts().ended)) ended.inc({ reason }, count);
    },
  });
}
