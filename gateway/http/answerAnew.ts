import type { IncomingMessage, ServerResponse } from 'node:http';
import { REQUEST_ID_HEADER, requestIdOf } from '../../platform/http/requestId.js';
import type { ConsistencyToken } from '../cache/consistencyToken.js';
import type { Caching } from '../cache/createCaching.js';
import type { FetchExplanation } from '../cache/fetchExplanation.js';
import { explainResponse } from '../cache/response/explainResponse.js';
import type { RequestDirectives } from '../cache/response/requestDirectives.js';
import type { LoadedResponse } from '../cache/response/responseCache.js';
import type { ResponseKeys } from '../cache/response/responseKeys.js';
import { surelyQuery } from '../cache/response/surelyQuery.js';
import { ResponseFacts } from '../cache/responseFacts.js';
import type { GatewayConfig } from '../config.js';
import type { Caller } from '../identity/caller.js';
import type { PersistedOperations } from '../persisted/createPersistedOperations.js';
import { createRequestContext, type RequestContext } from '../requestContext.js';
import { OperationTrace } from '../trace/operationTrace.js';
import type { LimitUse } from '../trace/traceReport.js';
import { traceResponse } from '../trace/traceResponse.js';
import type { Usage } from '../usage/createUsage.js';
import type { AnswerInParts } from './answerInParts.js';
import type { SendOutcome } from './sendOutcome.js';
import { ResponseWatch } from './watchClient.js';

export interface AnswerAnewOptions {
  readonly config: GatewayConfig;
  readonly caching: Caching;
  readonly persisted: Pick<PersistedOperations, 'version' | 'headers'>;
  /** Identifies the graph that answers now. */
  schemaId(): string;
  readonly usage?: Usage | undefined;
  /** What a document uses of the limits on operations. */
  limitsOf(text: string, cost: number | undefined): readonly LimitUse[];
  /** Runs a request that no cache answers. */
  execute(request: IncomingMessage, body: Buffer, context: RequestContext): Promise<LoadedResponse>;
  readonly answerInParts: AnswerInParts;
  readonly send: SendOutcome;
}

/** A request that was let in, and what is known of it before anything of it is parsed. */
export interface AskedRequest {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly caller: Caller;
  /** What the client has seen before. */
  readonly seen: ConsistencyToken;
  readonly directives: RequestDirectives;
  /** Whether it is shown how it was run. */
  readonly traces: boolean;
  /** Whether it is shown how its answer came about, which a trace has within it. */
  readonly explains: boolean;
  /** Whether it may be given what the response cache has. */
  readonly mayRead: boolean;
  /** The graph that answered when it came. */
  readonly schemaId: string;
  /** The version of the operation lists by which it was let in. */
  readonly lists: string;
  readonly keys: ResponseKeys;
}

/** Answers what is not ready in memory: from the other tiers, with what is loading already, or by executing it. */
export function createAnswerAnew(
  options: AnswerAnewOptions,
): (asked: AskedRequest, response: ServerResponse) => Promise<void> {
  const { config, caching, persisted, usage, limitsOf, execute, answerInParts, send } = options;
  const { responses: isKept } = config.cache;

  /** Keys name the graph and the lists of when the request came; both may have changed while it was executed. */
  function underItsKey({ schemaId, lists }: AskedRequest, answer: LoadedResponse): LoadedResponse {
    // By other lists: nobody else may be given it.
    if (persisted.version !== lists) return { ...answer, facts: undefined, apart: true };
    // Perhaps by another graph: whoever waited may have it, but it would still be here when the old graph comes back.
    return options.schemaId() === schemaId ? answer : { ...answer, facts: undefined };
  }

  return async (asked, response) => {
    const { request, body, caller, seen, directives, traces, explains, mayRead, keys } = asked;
    let executed: RequestContext['executed'] | undefined;

    function contextOf(
      clientGone: AbortSignal,
      fetches?: FetchExplanation[],
      trace?: OperationTrace,
    ): RequestContext {
      const facts = new ResponseFacts();
      const cache = { identityKey: caller.key, facts, explain: fetches, ...directives };
      return createRequestContext({ config, request, caller, clientGone, cache, seen, trace });
    }

    const inParts = explains ? undefined : answerInParts(request, body, caller);
    if (inParts !== undefined) {
      response.setHeader(REQUEST_ID_HEADER, requestIdOf(request));
      const context = contextOf(new ResponseWatch(response).signal);
      await inParts(response, context);
      usage?.ran(request, body, context.executed);
      return;
    }
    const client = new ResponseWatch(response);
    const answering = caching.responses.answer({
      keys,
      mayRead,
      isKept,
      mayStore: directives.mayStore && !explains,
      mayJoin: config.cache.joinRequests && (request.method === 'GET' || surelyQuery(body)),
      client,
      async load(clientGone) {
        const fetches: FetchExplanation[] | undefined = explains ? [] : undefined;
        const trace = traces ? new OperationTrace() : undefined;
        const context = contextOf(clientGone, fetches, trace);
        const loaded = underItsKey(asked, await execute(request, body, context));
        executed = context.executed;
        if (fetches === undefined) return loaded;
        const { store } = caching;
        const { facts } = context.cache;
        const explained = explainResponse(loaded, { store, keys, facts, fetches, now: Date.now() });
        return trace === undefined ? explained : traceResponse(explained, trace, limitsOf);
      },
    });
    const outcome = await answering.finally(() => client.unwatch());
    usage?.answered(request, body, outcome, executed);
    await send(request, response, outcome);
  };
}
