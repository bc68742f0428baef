import { Histogram, type Registry } from 'prom-client';
import type { RequestHandler } from '../http/httpServer.js';
import { knownLabel } from './boundedLabel.js';
import { REQUEST_SECONDS } from './buckets.js';
import { pulledGauge } from './pulledMetric.js';

export interface HttpMetrics {
  /** The same handler, with its requests counted and timed until the last byte has gone out. */
  measure(handler: RequestHandler): RequestHandler;
}

export function createHttpMetrics(registry: Registry): HttpMetrics {
  let underWay = 0;
  pulledGauge({
    registry,
    name: 'headgate_http_requests_in_flight',
    help: 'Requests that came and are not answered whole yet; streams and subscriptions count for as long as they last.',
    read: () => [{ value: underWay }],
  });
  const duration = new Histogram({
    name: 'headgate_http_request_duration_seconds',
    help: 'From the headers of a request to the last byte of its answer; its count is the number of requests.',
    labelNames: ['method', 'status'],
    buckets: REQUEST_SECONDS,
    registers: [registry],
  });
  const methodLabel = knownLabel(['GET', 'HEAD', 'POST', 'OPTIONS']);
  return {
    measure: (handler) => (request, response) => {
      const startedAt = performance.now();
      underWay += 1;
      response.once('close', () => {
        underWay -= 1;
        // Without a whole answer the status that was meant says nothing: the client went away.
        const status = response.writableFinished ? statusClass(response.statusCode) : 'aborted';
        const method = methodLabel(request.method ?? '');
        duration.observe({ method, status }, (performance.now() - startedAt) / 1000);
      });
      return handler(request, response);
    },
  };
}

function statusClass(status: number): string {
  return status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : 'other';
}
