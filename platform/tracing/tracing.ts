import type { TraceContext } from './traceContext.js';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** One piece of work in a trace. Whoever made it ends it. */
export interface Span {
  readonly context: TraceContext;
  /** A piece of this one. */
  child(name: string, attributes?: SpanAttributes, kind?: SpanKind): Span;
  set(attributes: SpanAttributes): void;
  /** @param error what it failed with */
  end(error?: unknown): void;
}

/**
 * `server` answers a request of another process, `client` waits for another process, `consumer` does what another process
 * does not wait for, `internal` is none of them.
 */
export type SpanKind = 'server' | 'client' | 'consumer' | 'internal';

export interface Tracing {
  /**
   * The first piece in this process.
   * @param parent from the request; its decision whether to sample holds here too
   * @param kind by default `server`
   */
  start(name: string, parent: TraceContext | undefined, attributes?: SpanAttributes, kind?: SpanKind): Span;
  /** Sends what was not sent yet. */
  close(): Promise<void>;
}

/** Runs `work` as a piece of `parent`; without one, just runs it. */
export async function within<T>(
  parent: Span | undefined,
  name: string,
  work: (span: Span | undefined) => Promise<T>,
  attributes?: SpanAttributes,
  kind?: SpanKind,
): Promise<T> {
  if (parent === undefined) return work(undefined);
  const span = parent.child(name, attributes, kind);
  try {
    const result = await work(span);
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
