import type { ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { RequestHandler } from '../http/httpServer.js';
import { OTHER } from './boundedLabel.js';
import { REQUEST_SECONDS } from './buckets.js';
import { DirectHistogram, type HistogramSeries } from './directHistogram.js';
import { pulledGauge } from './pulledMetric.js';

export interface HttpMetrics {
  /** The same handler, with its requests counted and timed until the last byte has gone out. */
  measure(handler: RequestHandler): RequestHandler;
}

/** When it began, on the response itself, so that all responses share one listener. */
const STARTED_AT = Symbol('started at');

interface Timed extends ServerResponse {
  [STARTED_AT]?: number;
}

const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS'];
const STATUS_CLASSES = ['other', '1xx', '2xx', '3xx', '4xx', '5xx'];

export function createHttpMetrics(registry: Registry): HttpMetrics {
  let underWay = 0;
  pulledGauge({
    registry,
    name: 'headgate_http_requests_in_flight',
    help: 'Requests that came and are not answered whole yet; streams and subscriptions count for as long as they last.',
    read: () => [{ value: underWay }],
  });
  const durations = new DirectHistogram({
    registry,
    name: 'headgate_http_request_duration_seconds',
    help: 'From the headers of a request to the last byte of its answer; its count is the number of requests.',
    labelNames: ['method', 'status'],
    buckets: REQUEST_SECONDS,
  });
  const series = new Map(
    [...METHODS, OTHER].map((method) => [method, new Map<string, HistogramSeries>()] as const),
  );

  /** Made when they are first needed: most combinations never come. */
  function seriesOf(method: string, status: string): HistogramSeries {
    const label = series.has(method) ? method : OTHER;
    const byStatus = series.get(label) as Map<string, HistogramSeries>;
    let one = byStatus.get(status);
    if (one === undefined) {
      one = durations.series({ method: label, status });
      byStatus.set(status, one);
    }
    return one;
  }

  function ended(this: Timed): void {
    underWay -= 1;
    // Without a whole answer the status that was meant says nothing: the client went away.
    const status = this.writableFinished ? statusClass(this.statusCode) : 'aborted';
    const startedAt = this[STARTED_AT] as number;
    seriesOf(this.req.method ?? '', status).observe((performance.now() - startedAt) / 1000);
  }

  return {
    measure: (handler) => (request, response: Timed) => {
      response[STARTED_AT] = performance.now();
      underWay += 1;
      response.on('close', ended);
      return handler(request, response);
    },
  };
}

function statusClass(status: number): string {
  return STATUS_CLASSES[Math.floor(status / 100)] ?? OTHER;
}
