import { Counter, type Registry } from 'prom-client';
import { ERROR_CODES } from '../../platform/errors.js';
import { knownLabel, limitedLabel, MAX_SUBGRAPHS } from '../../platform/metrics/boundedLabel.js';
import { REQUEST_SECONDS } from '../../platform/metrics/buckets.js';
import { DirectHistogram, type HistogramSeries } from '../../platform/metrics/directHistogram.js';
import { pulledGauge } from '../../platform/metrics/pulledMetric.js';
import { executionCodes } from '../execution/codes.js';
import type { FetchSubgraph, SubgraphRequest, SubgraphResponse } from '../execution/types.js';

export interface UpstreamMetrics {
  /**
   * The same, with each request counted and timed. Around what really sends: requests that a cache answers, or that
   * join another one, never get here.
   */
  measure<C>(fetch: FetchSubgraph<C>): FetchSubgraph<C>;
}

/** An error without a code. */
const NO_CODE = 'none';
/** The client went away: no fault of the subgraph. */
const ABORTED = 'aborted';

/** Of a longer list only the first are looked at: a subgraph can answer with an error per item of a list. */
const ERRORS_LOOKED_AT = 100;

export function createUpstreamMetrics(registry: Registry): UpstreamMetrics {
  const registers = [registry];
  const underWay = new Map<string, number>();
  pulledGauge({
    registry,
    name: 'headgate_subgraph_requests_in_flight',
    help: 'Requests to a subgraph that it has not answered yet.',
    labelNames: ['subgraph'],
    *read() {
      for (const [subgraph, value] of underWay) yield { labels: { subgraph }, value };
    },
  });
  const duration = new DirectHistogram({
    name: 'headgate_subgraph_request_duration_seconds',
    help: 'From sending a request to the last byte of the answer, or to the failure; its count is the number of requests.',
    labelNames: ['subgraph', 'kind'],
    buckets: REQUEST_SECONDS,
    registry,
  });
  const errors = new Counter({
    name: 'headgate_subgraph_errors_total',
    help: 'Requests that failed, or whose answer has errors, by code; a request counts once for each of its codes.',
    labelNames: ['subgraph', 'code'],
    registers,
  });
  const subgraphLabel = limitedLabel(MAX_SUBGRAPHS);
  const codeLabel = knownLabel([...Object.keys(ERROR_CODES), ...Object.values(executionCodes)]);
  const labelOfCode = (code: unknown): string => (typeof code === 'string' ? codeLabel(code) : NO_CODE);

  const series = new Map<string, Map<string, HistogramSeries>>();
  function durationOf(subgraph: string, kind: string): HistogramSeries {
    let byKind = series.get(subgraph);
    if (byKind === undefined) {
      byKind = new Map();
      series.set(subgraph, byKind);
    }
    let found = byKind.get(kind);
    if (found === undefined) {
      found = duration.series({ subgraph, kind });
      byKind.set(kind, found);
    }
    return found;
  }

  function countErrors(subgraph: string, { errors: found }: SubgraphResponse): void {
    if (!Array.isArray(found) || found.length === 0) return;
    const codes = found.slice(0, ERRORS_LOOKED_AT).map((error) => labelOfCode(error?.extensions?.['code']));
    for (const code of new Set(codes)) errors.inc({ subgraph, code });
  }

  function failureCode(error: unknown, { signal }: SubgraphRequest): string {
    if (signal?.aborted) return ABORTED;
    return labelOfCode((error as { extensions?: { code?: unknown } } | undefined)?.extensions?.code);
  }

  return {
    measure: (fetch) => async (request, context) => {
      const subgraph = subgraphLabel(request.subgraph);
      const startedAt = performance.now();
      underWay.set(subgraph, (underWay.get(subgraph) ?? 0) + 1);
      try {
        const response = await fetch(request, context);
        countErrors(subgraph, response);
        return response;
      } catch (error) {
        errors.inc({ subgraph, code: failureCode(error, request) });
        throw error;
      } finally {
        underWay.set(subgraph, (underWay.get(subgraph) ?? 1) - 1);
        const elapsed = (performance.now() - startedAt) / 1000;
        durationOf(subgraph, request.operationKind).observe(elapsed);
      }
    },
  };
}
