import type { GraphQLFormattedError } from 'graphql';
import { executionCodes } from '../../execution/codes.js';
import { isJsonObject } from '../../execution/json.js';
import type { SubgraphResponse } from '../../execution/types.js';
import type { FetchCacheMetrics } from './fetchCacheMetrics.js';
import type { FetchCacheContext } from './fetchCacheOptions.js';
import type { Loaded } from './loaded.js';
import type { FetchRun } from './loader.js';
import type { PartAnswer } from './partAnswer.js';

/**
 * One answer out of the parts, with values that are the caller's own. Tells the request's facts what may be kept.
 *
 * @throws the reason, when there is nothing but one failure
 */
export function assembleAnswer<C extends FetchCacheContext>(
  { fetch, context, settings }: FetchRun<C>,
  answers: readonly (PartAnswer | undefined)[],
  metrics: FetchCacheMetrics | undefined,
): SubgraphResponse {
  const { facts } = context.cache;
  const { subgraph } = fetch.request;
  if (settings.forwardIdentity) facts.identityBound = true;
  const errors: GraphQLFormattedError[] = [];
  const failures = new Set<unknown>();
  const loads = new Set<Loaded>();
  const counts = new Map<Exclude<PartAnswer['kind'], 'failed'>, number>();
  const values = answers.map((answer, part) => {
    if (answer === undefined || answer.kind === 'failed') {
      failures.add(answer?.error);
      facts.refuse(subgraph, 'the subgraph could not be asked');
      return undefined;
    }
    counts.set(answer.kind, (counts.get(answer.kind) ?? 0) + 1);
    if ('record' in answer) {
      // What was read from the shared tier was valid there after this request had begun.
      if (answer.tier === 'memory') facts.isComposed = true;
      facts.add(answer.record);
      return JSON.parse(answer.record.body) as unknown;
    }
    const { loaded, from } = answer;
    if (answer.kind === 'joined') facts.isComposed = true;
    loads.add(from);
    if (loaded.facts) facts.add(loaded.facts);
    else {
      facts.refuse(subgraph, loaded.refusal);
      // Live queries follow also what is not kept.
      for (const tag of loaded.tags) facts.tags.add(tag);
    }
    if (!loaded.mayShare) facts.apart = true;
    for (const error of loaded.errors) errors.push(fetch.relocate(part, error));
    return loaded.take();
  });
  for (const [kind, records] of counts) metrics?.count(subgraph, kind, records);
  for (const { errors: common } of loads) errors.push(...common);

  const isNothingElse = values.every((value) => value === undefined) && loads.size === 0;
  const [failure] = failures;
  if (isNothingElse && failures.size === 1) throw failure;
  errors.push(...[...failures].map(asFormattedError));
  const data = fetch.join(values);
  return errors.length > 0 ? { data, errors } : { data };
}

/** As the executor would report it, had the whole request failed. */
function asFormattedError(reason: unknown): GraphQLFormattedError {
  const own: unknown = isJsonObject(reason) ? reason['extensions'] : undefined;
  const extensions = { code: executionCodes.requestFailed, ...(isJsonObject(own) ? own : {}) };
  return { message: reason instanceof Error ? reason.message : String(reason), extensions };
}
