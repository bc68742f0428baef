import type { CacheExplanation } from '../cache/fetchExplanation.js';
import type { LoadedResponse } from '../cache/response/responseCache.js';
import { freshnessReasons } from './freshnessReasons.js';
import type { OperationTrace } from './operationTrace.js';
import type { LimitUse, TraceReport } from './traceReport.js';

/** Adds `plan` and `trace` to a response that has its `cache` explained. Where nothing was executed there is no trace. */
export function traceResponse(
  explained: LoadedResponse,
  trace: OperationTrace,
  /** What a document uses of the limits on operations. */
  limitsOf: (text: string, cost: number | undefined) => readonly LimitUse[],
): LoadedResponse {
  const body = JSON.parse(explained.body) as { extensions?: { cache?: CacheExplanation } };
  const cache = body.extensions?.cache;
  if (cache === undefined) return explained;
  const report = trace.report();
  if (report === undefined) return explained;
  const freshness = freshnessReasons(trace.plan, report.fetches, cache);
  const full: TraceReport = {
    ...report,
    freshness,
    limits: trace.text === undefined ? undefined : limitsOf(trace.text, report.cost?.estimated),
  };
  return {
    ...explained,
    body: JSON.stringify({ ...body, extensions: { ...body.extensions, plan: trace.plan, trace: full } }),
  };
}
