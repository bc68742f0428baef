import { Pool } from 'undici';
import { CodedError } from '../../platform/errors.js';
import type { UpstreamConfig } from '../config.js';
import type { SubgraphRequest, SubgraphResponse } from '../execution/types.js';
import { cleanErrors } from './cleanErrors.js';
import { readLimited } from './readLimited.js';

/** What the subgraph is told about the request it serves. */
export interface UpstreamContext {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** When nobody waits any more, by `performance.now()`. */
  readonly deadlineAt?: number | undefined;
}

/** To subgraphs: how many ms the gateway will wait for the answer. Working longer is in vain. */
export const TIMEOUT_HEADER = 'headgate-timeout-ms';

export type SubgraphState = 'unknown' | 'up' | 'down';

export interface SubgraphClient {
  readonly url: string;
  /** What the last request showed: no request is made to find out. */
  readonly state: SubgraphState;
  /**
   * One request, once: nothing is retried here, since the operation may be a mutation.
   * @throws CodedError `SUBGRAPH_TIMEOUT`, `SUBGRAPH_UNAVAILABLE` or `SUBGRAPH_BAD_RESPONSE`
   */
  fetch(request: SubgraphRequest, context: UpstreamContext): Promise<SubgraphResponse>;
  /** Lets requests under way finish. */
  close(): Promise<void>;
}

/** Keeps connections to one address of a subgraph open and sends GraphQL over HTTP on them. @throws when its address is none */
export function createSubgraphClient(name: string, url: string, config: UpstreamConfig): SubgraphClient {
  const { origin, pathname, search } = parseAddress(name, url);
  const path = pathname + search;
  // One request per socket at a time: behind a slow answer a pipelined one would wait.
  const pool = new Pool(origin, {
    connections: config.connections,
    pipelining: 1,
    connectTimeout: config.timeoutMs,
  });
  let state: SubgraphState = 'unknown';

  async function exchange(
    request: SubgraphRequest,
    context: UpstreamContext,
    timeoutMs: number,
    signal: AbortSignal,
  ) {
    const { statusCode, headers, body } = await pool.request({
      method: 'POST',
      path,
      headers: {
        ...context.headers,
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        [TIMEOUT_HEADER]: String(timeoutMs),
      },
      body: JSON.stringify({
        query: request.query,
        operationName: request.operationName,
        variables: request.variables,
      }),
      signal,
      // The one deadline below covers all stages.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const bytes = await readLimited(body, config.maxResponseBytes);
    if (bytes === undefined) throw new BadResponseError(name, `more than ${config.maxResponseBytes} bytes`);
    return {
      ...parseResponse(name, statusCode, bytes),
      http: {
        status: statusCode,
        cacheControl: headers['cache-control']?.toString(),
        age: headers['age']?.toString(),
        bytes: bytes.length,
      },
    };
  }

  return {
    url,
    get state() {
      return state;
    },
    async fetch(request, context) {
      const timeoutMs = timeLeft(context, config.timeoutMs);
      if (timeoutMs <= 0) throw outOfTime(name);
      const cancel = new AbortController();
      const timer = setTimeout(() => cancel.abort(TIMED_OUT), timeoutMs);
      const onClientGone = () => cancel.abort(request.signal?.reason);
      if (request.signal?.aborted) onClientGone();
      request.signal?.addEventListener('abort', onClientGone, { once: true });
      try {
        const response = await exchange(request, context, timeoutMs, cancel.signal);
        state = 'up';
        return response;
      } catch (error) {
        if (request.signal?.aborted) throw error;
        state = 'down';
        if (error instanceof CodedError) throw error;
        throw unreachable(name, cancel.signal.reason === TIMED_OUT, timeoutMs, error);
      } finally {
        clearTimeout(timer);
        request.signal?.removeEventListener('abort', onClientGone);
      }
    },
    close: () => pool.close(),
  };
}

function parseAddress(name: string, url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address !== undefined && /^https?:$/.test(address.protocol)) return address;
  throw new Error(`subgraph "${name}": expected an http(s) URL, got ${JSON.stringify(url)}`);
}

const TIMED_OUT = new Error('the deadline of a subgraph request has passed');

function unreachable(name: string, timedOut: boolean, timeoutMs: number, cause: unknown): CodedError {
  const extensions = { service: name };
  return timedOut
    ? new CodedError('SUBGRAPH_TIMEOUT', `Subgraph "${name}" did not answer within ${timeoutMs} ms.`, {
        extensions,
        cause,
      })
    : new CodedError('SUBGRAPH_UNAVAILABLE', `Subgraph "${name}" cannot be reached.`, { extensions, cause });
}

/** What is left of the request's time, and no more than one attempt may take; whole milliseconds. */
function timeLeft({ deadlineAt }: UpstreamContext, timeoutMs: number): number {
  return deadlineAt === undefined
    ? timeoutMs
    : Math.min(timeoutMs, Math.ceil(deadlineAt - performance.now()));
}

function outOfTime(name: string): CodedError {
  const message = `There was no time left to ask subgraph "${name}".`;
  return new CodedError('SUBGRAPH_TIMEOUT', message, { extensions: { service: name } });
}

export class BadResponseError extends CodedError {
  constructor(
    name: string,
    what: string,
    /** Of the HTTP response, where that is what is wrong with it. */
    readonly httpStatus?: number,
    cause?: unknown,
  ) {
    const message = `Subgraph "${name}" did not answer with GraphQL: ${what}.`;
    super('SUBGRAPH_BAD_RESPONSE', message, { extensions: { service: name }, cause });
  }
}

/** A GraphQL answer counts as one whatever its status: servers send errors with 4xx and 5xx too. */
function parseResponse(name: string, status: number, bytes: Buffer): SubgraphResponse {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new BadResponseError(name, `status ${status}, and a body that is not JSON`, status, cause);
  }
  if (value === null || typeof value !== 'object' || !('data' in value || 'errors' in value)) {
    throw new BadResponseError(name, `status ${status}, and neither data nor errors`, status);
  }
  const response = value as SubgraphResponse;
  return response.errors ? { ...response, errors: cleanErrors(response.errors) } : response;
}
