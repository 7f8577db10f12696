import { context, type Link, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { OpenSpan, SpanFacts, SpanRecorder } from './traced.js';
import type { TracingConfiguration } from './tracing-configuration.js';

/** Spans that wait to be sent at most: further ones are dropped while the collector is slow. */
const maxQueueSize = 4096;
/** Milliseconds between two posts, and for one. */
const scheduledDelayMillis = 2000;
const exportTimeoutMillis = 5000;
/** Characters of one fact. */
const attributeValueLengthLimit = 200;

/** Opens a recorder that sends spans to a collector, as JSON by OTLP over HTTP. */
export function openOtlpRecorder(part: string, { endpoint, headers, ratio }: TracingConfiguration): SpanRecorder {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: { ...headers },
    timeoutMillis: exportTimeoutMillis,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'bulkhead', 'service.instance.id': part }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanLimits: { attributeValueLengthLimit },
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize, scheduledDelayMillis, exportTimeoutMillis })],
  });
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  const tracer = provider.getTracer('bulkhead');

  return {
    run: (name, facts, work) =>
      tracer.startActiveSpan(name, { attributes: facts }, async (span) => {
        try {
          return await work(noting(span));
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR });
          span.setAttribute('error.type', typeOf(error));
          throw error;
        } finally {
          span.end();
        }
      }),
    openRequest: (facts, traceparent) => {
      const options = { kind: SpanKind.SERVER, attributes: facts, links: linksOf(traceparent), root: true };
      const span = tracer.startSpan('request', options);
      const inside = trace.setSpan(context.active(), span);
      return {
        ...noting(span),
        enter: (work) => context.with(inside, work),
        end: (status) => {
          span.setAttribute('http.response.status_code', status);
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    close: async () => {
      await provider.shutdown().catch(() => {});
      manager.disable();
      context.disable();
    },
  };
}

function noting(span: Span): OpenSpan {
  return { note: (facts: SpanFacts) => void span.setAttributes(facts) };
}

/** What kind of error it was, and never its message. */
function typeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z_]{1,50}$/.test(code) ? code : 'unknown';
}

/** The trace of a proxy is linked to and not continued: whether ours is recorded is not for others to decide. */
function linksOf(traceparent: string | undefined): Link[] {
  const [, traceId, spanId] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined) return [];
  return [{ context: { traceId, spanId, traceFlags: 0, isRemote: true } }];
}
