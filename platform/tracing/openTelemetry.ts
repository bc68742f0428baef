import {
  type Context,
  type Span as OtelSpan,
  SpanKind as OtelSpanKind,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { TraceContext } from './traceContext.js';
import type { Span, SpanAttributes, SpanKind, Tracing } from './tracing.js';

export interface OpenTelemetryOptions {
  /** Endpoint of OTLP over HTTP. */
  readonly url: string;
  readonly sampleRatio: number;
  /** Which process speaks. */
  readonly serviceName: string;
  /** How long spans may wait for others before they are sent. @default 2000 */
  readonly delayMs?: number;
}

const KINDS: Readonly<Record<SpanKind, OtelSpanKind>> = {
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
  consumer: OtelSpanKind.CONSUMER,
  internal: OtelSpanKind.INTERNAL,
};

/** Nothing of it is global: several gateways in one process each have their own. A collector that is away costs spans. */
export function createOpenTelemetry(options: OpenTelemetryOptions): Tracing {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': options.serviceName }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.sampleRatio) }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: options.url, timeoutMillis: 5_000 }), {
        scheduledDelayMillis: options.delayMs ?? 2_000,
        maxQueueSize: 8_192,
      }),
    ],
  });
  const tracer = provider.getTracer('headgate');
  return {
    start(name, parent, attributes, kind = 'server') {
      const context = parent ? trace.setSpanContext(ROOT_CONTEXT, remote(parent)) : ROOT_CONTEXT;
      return startSpan(tracer, context, name, kind, attributes);
    },
    // A collector that is away must not keep a process from ending well.
    close: () => provider.shutdown().catch(() => undefined),
  };
}

function startSpan(
  tracer: Tracer,
  parent: Context,
  name: string,
  kind: SpanKind,
  attributes: SpanAttributes = {},
): Span {
  const inner = tracer.startSpan(name, { kind: KINDS[kind], attributes: { ...attributes } }, parent);
  const { traceId, spanId, traceFlags } = inner.spanContext();
  return {
    context: { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 },
    child: (childName, childAttributes, childKind = 'internal') =>
      startSpan(tracer, trace.setSpan(parent, inner), childName, childKind, childAttributes),
    set: (more) => void inner.setAttributes({ ...more }),
    end(error) {
      if (error !== undefined) fail(inner, error);
      inner.end();
    },
  };
}

/** The message only: what a database or a subgraph says further may hold values that are for nobody to see. */
function fail(span: OtelSpan, error: unknown): void {
  const code = (error as { extensions?: { code?: unknown } } | null)?.extensions?.code;
  if (typeof code === 'string') span.setAttribute('error.type', code);
  span.setStatus({
    code: SpanStatusCode.ERROR,
    message: error instanceof Error ? error.message.slice(0, 200) : 'failed',
  });
}

function remote({ traceId, spanId, sampled }: TraceContext) {
  return { traceId, spanId, isRemote: true, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE };
}
