import { withCurrentSpan } from '../../platform/tracing/currentSpan.js';
import { parseTraceparent } from '../../platform/tracing/traceContext.js';
import type { Tracing } from '../../platform/tracing/tracing.js';
import type { JobHandler } from './queue/jobQueue.js';

/** The same handler, each try of a job a span of the trace in which it was called for. */
export function traceJobs(handler: JobHandler, tracing: Tracing | undefined): JobHandler {
  if (tracing === undefined) return handler;
  return async (delivery) => {
    const { id, attempt, traceparent } = delivery;
    const attributes = { 'messaging.message.id': id, 'headgate.job.attempt': attempt };
    const span = tracing.start('work on an order', parseTraceparent(traceparent), attributes, 'consumer');
    try {
      await withCurrentSpan(span, () => handler(delivery));
      span.end();
    } catch (error) {
      span.end(error);
      throw error;
    }
  };
}
