import type { RequestHandler } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import type { RequestBounds } from '../admission/createRequestBounds.js';
import { CONSISTENCY_HEADER } from '../cache/consistencyToken.js';
import { changesAnswers } from '../cache/fetch/loadHeaders.js';
import { requestDirectives } from '../cache/response/requestDirectives.js';
import { createResponseKeys } from '../cache/response/responseKeys.js';
import type { Authenticator } from '../identity/createAuthenticator.js';
import { headersOf } from '../identity/headerLookup.js';
import type { RequestObserver } from '../observeRequests.js';
import type { RateLimiter } from '../rateLimit/createRateLimiter.js';
import { createTraceGuard } from '../trace/traceGuard.js';
import { type AnswerAnewOptions, createAnswerAnew } from './answerAnew.js';
import { createSendOutcome, type SendOutcomeOptions } from './sendOutcome.js';

/** A client asks with it how its answer came about; answered only where the configuration allows. */
export const EXPLAIN_HEADER = 'headgate-cache-explain';

export interface GraphqlHandlerOptions
  extends Omit<AnswerAnewOptions, 'send'>,
    Omit<SendOutcomeOptions, 'decisiveHeaders'> {
  readonly bounds: RequestBounds;
  readonly authenticator: Authenticator;
  readonly rateLimiter: Pick<RateLimiter, 'admit'>;
  readonly observer: RequestObserver;
}

const NO_BODY = Buffer.alloc(0);

/**
 * `/graphql` over HTTP: from the raw bytes to a cached answer, or on to execution. What a hit does is all here, and next
 * to nothing: it waits for one promise, that of its body.
 */
export function createGraphqlHandler(options: GraphqlHandlerOptions): RequestHandler {
  const { config, caching, authenticator, rateLimiter, persisted, usage, observer } = options;
  const { maxBytes, watch } = options.bounds;
  const mayTrace = createTraceGuard(config.explorer);
  const { responses: isKept, explain: mayExplain } = config.cache;
  const propagatedHeaders = config.propagateHeaders.filter(changesAnswers);
  // Whatever decides what may be asked is in the key: what was let in before is no hit for what is refused now.
  const decisiveHeaders = [...propagatedHeaders, ...persisted.headers];
  const responseKeys = createResponseKeys(decisiveHeaders, config.cache.memoryBytes);
  const send = createSendOutcome({ ...options, decisiveHeaders });
  const answerAnew = createAnswerAnew({ ...options, send });

  return async (request, response) => {
    try {
      const body = request.method === 'POST' ? await readBody(request, maxBytes, watch) : NO_BODY;
      const { headers } = request;
      const lookup = headersOf(request);
      const found = authenticator.authenticate(lookup);
      // Nearly always known at once: a hit does not wait for a promise.
      const caller = found instanceof Promise ? await found : found;
      const admitted = rateLimiter.admit({ identity: caller.identity?.subject }, response);
      if (admitted !== undefined) await admitted;
      const seen = caching.parseToken(lookup(CONSISTENCY_HEADER));
      const directives = requestDirectives(headers['cache-control'], lookup('pragma'));
      const traces = mayTrace(request);
      const explains = traces || (mayExplain && headers[EXPLAIN_HEADER] !== undefined);
      // Who has seen something newer than what is kept here is not given what is kept here.
      const mayRead = directives.mayRead && !explains && caching.isPast(seen);
      const lists = persisted.version;
      const schemaId = options.schemaId();
      const keys = responseKeys({ request, body, schemaId: schemaId + lists, identityKey: caller.key });
      const ready = mayRead && isKept ? caching.responses.peek(keys) : undefined;
      if (ready !== undefined) {
        usage?.answered(request, body, ready, undefined);
        const sent = send(request, response, ready);
        if (sent !== undefined) await sent;
        return;
      }
      const asked = {
        request,
        body,
        caller,
        seen,
        directives,
        traces,
        explains,
        mayRead,
        schemaId,
        lists,
        keys,
      };
      await answerAnew(asked, response);
    } catch (error) {
      observer.failed(error);
      throw error;
    } finally {
      observer.finished(request);
    }
  };
}
