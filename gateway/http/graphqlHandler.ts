import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import { REQUEST_ID_HEADER, requestIdOf } from '../../platform/http/requestId.js';
import { CONSISTENCY_HEADER } from '../cache/consistencyToken.js';
import type { Caching } from '../cache/createCaching.js';
import { changesAnswers } from '../cache/fetch/loadHeaders.js';
import type { FetchExplanation } from '../cache/fetchExplanation.js';
import { explainResponse } from '../cache/response/explainResponse.js';
import { requestDirectives } from '../cache/response/requestDirectives.js';
import type { LoadedResponse, ResponseOutcome } from '../cache/response/responseCache.js';
import { responseKeys } from '../cache/response/responseKeys.js';
import { sendPrepared } from '../cache/response/sendPrepared.js';
import { surelyQuery } from '../cache/response/surelyQuery.js';
import { ResponseFacts } from '../cache/responseFacts.js';
import type { GatewayConfig } from '../config.js';
import type { Authenticator } from '../identity/createAuthenticator.js';
import { headersOf } from '../identity/headerLookup.js';
import type { CacheMetrics } from '../metrics/cacheMetrics.js';
import type { PersistedOperations } from '../persisted/createPersistedOperations.js';
import type { RateLimiter } from '../rateLimit/createRateLimiter.js';
import { createRequestContext, type RequestContext } from '../requestContext.js';
import { OperationTrace } from '../trace/operationTrace.js';
import { createTraceGuard } from '../trace/traceGuard.js';
import type { LimitUse } from '../trace/traceReport.js';
import { traceResponse } from '../trace/traceResponse.js';
import type { Usage } from '../usage/createUsage.js';
import type { AnswerInParts } from './answerInParts.js';

/** A client asks with it how its answer came about; answered only where the configuration allows. */
export const EXPLAIN_HEADER = 'headgate-cache-explain';

export interface GraphqlHandlerOptions {
  readonly config: GatewayConfig;
  readonly caching: Caching;
  readonly authenticator: Authenticator;
  readonly rateLimiter: Pick<RateLimiter, 'admit'>;
  readonly metrics: Pick<CacheMetrics, 'response'>;
  readonly persisted: Pick<PersistedOperations, 'version' | 'headers'>;
  readonly usage?: Usage | undefined;
  /** Identifies the graph that answers now. */
  schemaId(): string;
  /** What a document uses of the limits on operations. */
  limitsOf(text: string, cost: number | undefined): readonly LimitUse[];
  /** Runs a request that no cache answers. */
  execute(request: IncomingMessage, body: Buffer, context: RequestContext): Promise<LoadedResponse>;
  readonly answerInParts: AnswerInParts;
}

const NO_BODY = Buffer.alloc(0);

/** `/graphql` over HTTP: from the raw bytes to a cached answer, or on to execution. */
export function createGraphqlHandler(options: GraphqlHandlerOptions): RequestHandler {
  const {
    config,
    caching,
    authenticator,
    rateLimiter,
    metrics,
    persisted,
    usage,
    schemaId,
    limitsOf,
    execute,
  } = options;
  const mayTrace = createTraceGuard(config.explorer);
  const propagatedHeaders = config.propagateHeaders.filter(changesAnswers);
  // Whatever decides what may be asked is in the key: what was let in before is no hit for what is refused now.
  const decisiveHeaders = [...propagatedHeaders, ...persisted.headers];
  const vary = [
    'accept',
    'accept-encoding',
    // Who has written must not be given what a cache on the way kept from before.
    CONSISTENCY_HEADER,
    ...decisiveHeaders,
    ...authenticator.headers,
    ...(config.cors.origins.length > 0 ? ['origin'] : []),
  ].join(', ');

  function send(request: IncomingMessage, response: ServerResponse, outcome: ResponseOutcome) {
    metrics.response(outcome.cacheStatus);
    if (outcome.kind === 'loaded') return sendLoaded(response, outcome.loaded, outcome.cacheStatus);
    const { prepared, cacheStatus } = outcome;
    const { sharedMaxAgeMs, sendTags } = config.cache;
    return sendPrepared(request, response, {
      requestId: requestIdOf(request),
      prepared,
      cacheStatus,
      now: Date.now(),
      sharedMaxAgeMs,
      vary,
      sendTags,
    });
  }

  return async (request, response) => {
    const body = request.method === 'POST' ? await readBody(request, config.maxBodyBytes) : NO_BODY;
    const found = authenticator.authenticate(headersOf(request));
    // Nearly always known at once: a hit does not wait for a promise.
    const caller = found instanceof Promise ? await found : found;
    const admitted = rateLimiter.admit({ identity: caller.identity?.subject }, response);
    if (admitted !== undefined) await admitted;
    const identityKey = caller.key;
    const seen = caching.parseToken(textOf(request, CONSISTENCY_HEADER));
    const directives = requestDirectives(request.headers['cache-control'], textOf(request, 'pragma'));
    const traces = mayTrace(request);
    const explains = traces || (config.cache.explain && request.headers[EXPLAIN_HEADER] !== undefined);
    // Who has seen something newer than what is kept here is not given what is kept here.
    const mayRead = directives.mayRead && !explains && caching.isPast(seen);
    const lists = persisted.version;
    const keys = responseKeys({
      request,
      body,
      schemaId: schemaId() + lists,
      propagatedHeaders: decisiveHeaders,
      identityKey,
    });
    const isKept = config.cache.responses;
    const ready = mayRead && isKept ? caching.responses.peek(keys) : undefined;
    if (ready !== undefined) {
      usage?.answered(request, body, ready, undefined);
      return send(request, response, ready);
    }
    let executed: RequestContext['executed'] | undefined;

    response.setHeader(REQUEST_ID_HEADER, requestIdOf(request));
    const inParts = explains ? undefined : options.answerInParts(request, body, caller);
    if (inParts !== undefined) {
      const { mayRead, mayStore } = directives;
      const facts = new ResponseFacts();
      const cache = { mayRead, mayStore, identityKey, facts, explain: undefined };
      const clientGone = goneSignal(response);
      const context = createRequestContext({ config, request, caller, clientGone, cache, seen });
      await inParts(response, context);
      usage?.ran(request, body, context.executed);
      return;
    }
    const outcome = await caching.responses.answer({
      keys,
      mayRead,
      isKept,
      mayStore: directives.mayStore && !explains,
      mayJoin: config.cache.joinRequests && (request.method === 'GET' || surelyQuery(body)),
      clientGone: goneSignal(response),
      async load(clientGone) {
        const fetches: FetchExplanation[] | undefined = explains ? [] : undefined;
        const trace = traces ? new OperationTrace() : undefined;
        const facts = new ResponseFacts();
        const { mayRead, mayStore } = directives;
        const cache = { mayRead, mayStore, identityKey, facts, explain: fetches };
        const context = createRequestContext({ config, request, caller, clientGone, cache, seen, trace });
        const answer = await execute(request, body, context);
        // By other lists than those of its key: nobody else may be given it.
        const loaded = persisted.version === lists ? answer : { ...answer, facts: undefined, apart: true };
        executed = context.executed;
        if (fetches === undefined) return loaded;
        const { store } = caching;
        const explained = explainResponse(loaded, { store, keys, facts, fetches, now: Date.now() });
        return trace === undefined ? explained : traceResponse(explained, trace, limitsOf);
      },
    });
    usage?.answered(request, body, outcome, executed);
    return send(request, response, outcome);
  };
}

function sendLoaded(response: ServerResponse, loaded: LoadedResponse, cacheStatus: string): void {
  if (response.destroyed) return;
  for (const [name, value] of loaded.headers) response.setHeader(name, value);
  if (!response.hasHeader('cache-control')) response.setHeader('cache-control', 'no-store');
  response.setHeader('x-cache', cacheStatus);
  const bytes = Buffer.from(loaded.body);
  response.setHeader('content-length', bytes.length);
  response.writeHead(loaded.status);
  response.end(bytes);
}

function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  // As many listen as fetches are under way.
  setMaxListeners(0, gone.signal);
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the client went away'));
  });
  return gone.signal;
}

function textOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
