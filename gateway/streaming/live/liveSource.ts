import { randomUUID } from 'node:crypto';
import type { Timers } from '../../../platform/database/timers.js';
import { Backoff } from '../../cache/feed/backoff.js';
import type { FetchExplanation } from '../../cache/fetchExplanation.js';
import { subgraphTag } from '../../cache/invalidation.js';
import { executePlan } from '../../execution/executePlan.js';
import { asGraphQLError } from '../asGraphQLError.js';
import type { Audience } from '../audience.js';
import type { StreamSource } from '../streamRegistry.js';
import type { StreamRuntime } from '../streamRuntime.js';
import { contextFor, type StreamScope } from '../streamScope.js';
import type { ConcurrencyLimit } from './concurrencyLimit.js';
import type { LiveInvalidations, Watch } from './liveInvalidations.js';
import { LiveResults } from './liveResult.js';
import { notLiveFields } from './notLiveFields.js';

export interface LiveSourceOptions {
  readonly runtime: StreamRuntime;
  readonly scope: StreamScope;
  readonly audience: Audience;
  readonly invalidations: LiveInvalidations;
  readonly limit: ConcurrencyLimit;
  readonly timers: Timers;
  readonly patch: boolean;
  /** The least time between the beginnings of two executions. */
  readonly throttleMs: number;
  onExecuted(): void;
}

/**
 * The results of a live query: one at once, and one after each invalidation of something in it. What is invalidated
 * while it is being executed, before its tags are known, makes it run again. A result with errors has no tags for what
 * failed, so it is tried again after a while.
 */
export function openLiveSource(options: LiveSourceOptions): StreamSource {
  const { runtime, scope, audience, invalidations, limit, timers, throttleMs } = options;
  const { plan, variables } = scope;
  const results = new LiveResults(options.patch);
  const fetch = runtime.fetchFor(scope);
  const stopped = new AbortController();
  const retries = new Backoff({ minMs: 1_000, maxMs: 30_000 });
  let watch: Watch | undefined;
  let cancel: (() => void) | undefined;
  let lastStart = Number.NEGATIVE_INFINITY;
  let isRunning = false;
  let isDirty = false;
  let retryMs = 0;

  function touch(): void {
    isDirty = true;
    schedule(0);
  }

  function schedule(leastMs: number): void {
    if (isRunning || stopped.signal.aborted) return;
    cancel?.();
    const delayMs = Math.max(leastMs, lastStart + throttleMs - timers.now());
    cancel = timers.after(Math.max(delayMs, 0), run);
  }

  function run(): void {
    cancel = undefined;
    isRunning = true;
    isDirty = false;
    limit(execute)
      .catch((error: unknown) => audience.fail(runtime.mask([asGraphQLError(error)], randomUUID())))
      .finally(() => {
        isRunning = false;
        if (isDirty) schedule(0);
        else if (retries.failures > 0) schedule(retryMs);
      });
  }

  async function execute(): Promise<void> {
    if (stopped.signal.aborted) return;
    lastStart = timers.now();
    const begun = invalidations.begin();
    const explain: FetchExplanation[] = [];
    const context = contextFor(runtime.config, scope, scope.seen, stopped.signal, explain);
    const { errors, data, extensions } = await executePlan(plan, {
      variables,
      context,
      fetch,
      signal: stopped.signal,
      // What has no tags is told fetch by fetch.
      fetchesApart: true,
    });
    if (stopped.signal.aborted) return;
    options.onExecuted();
    const tags = new Set(context.cache.facts.tags);
    // An invalidation of a whole subgraph concerns also what has no tags.
    for (const subgraph of scope.subgraphs) tags.add(subgraphTag(subgraph));
    watch?.stop();
    watch = invalidations.watch(begun, tags, touch);
    if (watch.isTouched) isDirty = true;
    if ((errors?.length ?? 0) > plan.unauthorized.length) retryMs = retries.nextMs();
    else retries.succeeded();
    const invalid = extensions?.valueCompletion;
    const message = results.take({
      errors: errors && runtime.mask(errors, context.requestId),
      data,
      valueCompletion: invalid?.map((error) => error.toJSON()),
      notLive: notLiveFields(plan, scope.snapshot.tagger, explain),
    });
    if (message !== undefined) await audience.next(message);
  }

  return {
    start: run,
    latest: () => results.latest,
    stop() {
      stopped.abort(new Error('nobody waits for the results any more'));
      cancel?.();
      watch?.stop();
    },
  };
}
