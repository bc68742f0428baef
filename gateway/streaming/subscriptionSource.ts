import { setMaxListeners } from 'node:events';
import type { OperationTime } from '../../platform/database/operationTime.js';
import { parseOperationTime } from '../../platform/database/operationTime.js';
import type { ConsistencyToken } from '../cache/consistencyToken.js';
import { executeEvent } from '../execution/executeEvent.js';
import { isJsonObject } from '../execution/json.js';
import type { ExecutePlanResult, SubgraphResponse } from '../execution/types.js';
import { asGraphQLError } from './asGraphQLError.js';
import type { Audience } from './audience.js';
import type { StreamSource } from './streamRegistry.js';
import type { StreamRuntime } from './streamRuntime.js';
import { contextFor, type StreamScope, upstreamRequest } from './streamScope.js';
import { eventsLost } from './upstream/upstreamSubscription.js';
import type { UpstreamSubscriptions } from './upstream/upstreamSubscriptions.js';

/**
 * The results of a subscription: for each event of its subgraph, one, in the order of the events. What other subgraphs
 * add is fetched for several events at the same time, for so many as `maxPendingEvents` allows, and
 * what comes with them in one piece.
 */
export function openSubscriptionSource(
  { config, fetchFor, mask }: StreamRuntime,
  upstreams: UpstreamSubscriptions,
  scope: StreamScope,
  audience: Audience,
): StreamSource {
  const stopped = new AbortController();
  // Every event that is being completed listens to it.
  setMaxListeners(0, stopped.signal);
  const fetch = fetchFor(scope);
  const { plan, variables } = scope;
  let leave: () => void = () => undefined;
  const { maxPendingEvents } = config.streaming;
  let pending = 0;
  let isToBeJudged = false;
  /** Resolves when all results so far have been sent. */
  let sent: Promise<void> = Promise.resolve();

  /** Of what comes in one piece the last comes before the first can be sent: that is no sign of anybody being slow. */
  function judge(): void {
    if (isToBeJudged) return;
    isToBeJudged = true;
    setImmediate(() => {
      isToBeJudged = false;
      if (pending <= maxPendingEvents) return;
      audience.fail([eventsLost(`More than ${maxPendingEvents} waited to be completed and sent.`)]);
    });
  }

  async function execute(event: SubgraphResponse, mayHaveMissed: boolean): Promise<Buffer> {
    const context = contextFor(config, scope, seenWith(event, scope.seen), stopped.signal);
    const args = { variables, context, fetch, signal: stopped.signal };
    return encode(await executeEvent(plan, event, args), mayHaveMissed, context.requestId);
  }

  function encode(result: ExecutePlanResult, mayHaveMissed: boolean, requestId: string): Buffer {
    const invalid = result.extensions?.valueCompletion;
    const extensions = {
      ...(invalid && { valueCompletion: invalid.map((error) => error.toJSON()) }),
      ...(mayHaveMissed && { headgate: { mayHaveMissed } }),
    };
    const hasExtensions = invalid !== undefined || mayHaveMissed;
    const errors = result.errors && mask(result.errors, requestId);
    return Buffer.from(
      JSON.stringify({ errors, data: result.data, extensions: hasExtensions ? extensions : undefined }),
    );
  }

  return {
    start() {
      const context = contextFor(config, scope, scope.seen, stopped.signal);
      leave = upstreams.listen(upstreamRequest(config, scope, context), {
        event(event, mayHaveMissed) {
          pending += 1;
          if (pending > maxPendingEvents) judge();
          const moment = audience.moment();
          const result = execute(event, mayHaveMissed);
          // It may fail before those that go first are through, and nobody listens to it until then.
          result.catch(() => undefined);
          sent = sent
            .then(() => result)
            .then(
              (bytes) => audience.next(bytes, moment),
              (error: unknown) => audience.fail(mask([asGraphQLError(error)], context.requestId)),
            )
            .finally(() => {
              pending -= 1;
            });
        },
        fail(errors) {
          const masked = mask(errors.map(asGraphQLError), context.requestId);
          void sent.then(() => audience.fail(masked));
        },
        complete() {
          void sent.then(() => audience.complete());
        },
      });
      if (audience.ended) leave();
    },
    stop() {
      leave();
      stopped.abort(new Error('nobody waits for the events any more'));
    },
  };
}

/** An event that names its operation time is followed by no older data of the same cluster. */
function seenWith({ extensions }: SubgraphResponse, seen: ConsistencyToken): ConsistencyToken {
  const own = isJsonObject(extensions) ? extensions['headgate'] : undefined;
  const time = isJsonObject(own) ? own['operationTime'] : undefined;
  return typeof time === 'string' && parseOperationTime(time) ? seen.with(time as OperationTime) : seen;
}
