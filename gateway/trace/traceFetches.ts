import type { FetchExplanation } from '../cache/fetchExplanation.js';
import type { FetchSubgraph } from '../execution/types.js';
import type { RequestContext } from '../requestContext.js';
import type { FetchRecorder, OperationTrace } from './operationTrace.js';

type Fetch = FetchSubgraph<RequestContext>;

/** Around the caches: when the plan asks for something, and how it was answered. Others pass at the cost of one look. */
export function traceFetches(fetch: Fetch): Fetch {
  return (request, context) =>
    context.trace === undefined
      ? fetch(request, context)
      : recordFetch(context.trace, fetch, request, context);
}

async function recordFetch(trace: OperationTrace, fetch: Fetch, ...[request, context]: Parameters<Fetch>) {
  const { cache } = context;
  const recorder = trace.fetching(request);
  // One list for each fetch: several of one plan can have the same number, and end in any order.
  const explain: FetchExplanation[] = [];
  try {
    return await fetch(request, { ...context, cache: { ...cache, explain }, recorder });
  } finally {
    recorder.endMs = recorder.elapsed();
    if (explain.length > 0) recorder.explanation = cache.explain?.length;
    cache.explain?.push(...explain);
  }
}

/** Behind the caches: what is really sent, on behalf of the fetch that was the first to want it. */
export function traceRequests(fetch: Fetch): Fetch {
  return (request, context) =>
    context.recorder === undefined
      ? fetch(request, context)
      : recordRequest(context.recorder, fetch, request, context);
}

async function recordRequest(
  recorder: FetchRecorder,
  fetch: Fetch,
  ...[request, context]: Parameters<Fetch>
) {
  const done = recorder.sending(request);
  try {
    const response = await fetch(request, context);
    done(response);
    return response;
  } catch (failure) {
    done({ failure });
    throw failure;
  }
}
