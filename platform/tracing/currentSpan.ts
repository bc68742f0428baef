import { AsyncLocalStorage } from 'node:async_hooks';
import { formatTraceparent } from './traceContext.js';
import { type Span, type SpanKind, within } from './tracing.js';

const storage = new AsyncLocalStorage<Span>();

/** Whatever `work` does, however late, is a piece of `span`. For places that get no context handed down, such as drivers. */
export function withCurrentSpan<T>(span: Span, work: () => T): T {
  return storage.run(span, work);
}

export function currentSpan(): Span | undefined {
  return storage.getStore();
}

/** How another process is told, in the header of this name or with a job, what its work is a piece of. */
export function currentTraceparent(): { readonly traceparent?: string } {
  const span = storage.getStore();
  return span ? { traceparent: formatTraceparent(span.context) } : {};
}

/** Runs `work` as a piece of the current span, if there is one. */
export function inSpan<T>(name: string, work: () => Promise<T>, kind?: SpanKind): Promise<T> {
  const parent = storage.getStore();
  if (parent === undefined) return work();
  return within(parent, name, (span) => storage.run(span as Span, work), {}, kind);
}
