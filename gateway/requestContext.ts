import type { IncomingMessage } from 'node:http';
import type { OperationTime } from '../platform/database/operationTime.js';
import { REQUEST_ID_HEADER, requestIdOf } from '../platform/http/requestId.js';
import { IDENTITY_HEADER, signIdentity } from '../platform/identity.js';
import { spanOf } from '../platform/tracing/traceHttp.js';
import type { CacheRequest } from './cache/cacheRequest.js';
import type { ConsistencyToken } from './cache/consistencyToken.js';
import type { GatewayConfig } from './config.js';
import type { Caller } from './identity/caller.js';
import { type Observation, observe } from './observation.js';
import type { AdmittedOperation } from './planOperation.js';
import type { FetchRecorder, OperationTrace } from './trace/operationTrace.js';
import type { UpstreamContext } from './upstream/subgraphClient.js';

/** What one client request carries through the gateway. */
export interface RequestContext extends UpstreamContext {
  readonly requestId: string;
  readonly caller: Caller;
  /** Aborted when nobody waits for the answer any more. */
  readonly clientGone: AbortSignal;
  readonly cache: CacheRequest;
  /** Present when this request may see, and asked for, how it is run. */
  readonly trace?: OperationTrace | undefined;
  /** Of the fetch that this context goes with, when it is traced. */
  readonly recorder?: FetchRecorder | undefined;
  /** In an object of its own, since Apollo Server hands out copies of this one. */
  readonly executed: {
    /** Set when it began. */
    operation: AdmittedOperation | undefined;
    /** Whether the answer has errors, or none was made. */
    failed: boolean;
  };
  readonly observed: Observation;
  readonly consistency: {
    /** What the client has seen before, by its token. */
    readonly seen: ConsistencyToken;
    /** When this request wrote. */
    readonly written: OperationTime[];
  };
}

/** Headers that frame a message or belong to one connection: sending them on would corrupt the next hop. */
const NEVER_SENT_ON = new Set([
  'connection',
  'content-length',
  'content-type',
  'content-encoding',
  'accept',
  'accept-encoding',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  IDENTITY_HEADER,
  REQUEST_ID_HEADER,
]);

export interface RequestContextOptions
  extends Pick<RequestContext, 'caller' | 'clientGone' | 'cache' | 'trace'> {
  readonly config: GatewayConfig;
  readonly request: Pick<IncomingMessage, 'headers'>;
  readonly seen: ConsistencyToken;
}

/** Only headers on the allow-list reach subgraphs, and the identity that we found, signed. */
export function createRequestContext(options: RequestContextOptions): RequestContext {
  const { config, request, caller, clientGone, cache, seen, trace } = options;
  const requestId = requestIdOf(request);
  const headers: Record<string, string> = { [REQUEST_ID_HEADER]: requestId };
  for (const name of config.propagateHeaders) {
    const value = request.headers[name];
    if (value === undefined || NEVER_SENT_ON.has(name)) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  if (caller.identity && config.identity.secret)
    headers[IDENTITY_HEADER] = signIdentity(caller.identity, config.identity.secret);
  const deadlineAt = performance.now() + config.requestTimeoutMs;
  const observed = observe(request, spanOf(request));
  const consistency = { seen, written: [] };
  return {
    requestId,
    headers,
    deadlineAt,
    caller,
    clientGone,
    cache,
    trace,
    executed: { operation: undefined, failed: true },
    observed,
    consistency,
  };
}
