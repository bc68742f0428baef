import { LRUCache } from 'lru-cache';
import { type Dispatcher, H2CClient, Pool } from 'undici';
import { CodedError } from '../../platform/errors.js';
import type { UpstreamConfig } from '../config.js';
import type { SubgraphRequest, SubgraphResponse } from '../execution/types.js';
import { cleanErrors } from './cleanErrors.js';
import { ACCEPTED_ENCODINGS, decompress } from './decompress.js';
import { ExchangeTimeoutError, exchange, TooManyBytesError } from './exchange.js';

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

/**
 * Keeps connections to one address of a subgraph open and sends GraphQL over HTTP on them.
 *
 * @param onFault told of each request that fails there
 * @throws when its address is none
 */
export function createSubgraphClient(
  name: string,
  url: string,
  config: UpstreamConfig,
  onFault: (error: unknown) => void = () => undefined,
): SubgraphClient {
  const { origin, pathname, search } = parseAddress(name, url);
  const path = pathname + search;
  const dispatcher = openDispatcher(origin, config);
  let state: SubgraphState = 'unknown';

  async function ask(
    request: SubgraphRequest,
    body: string,
    context: UpstreamContext,
    timeoutMs: number,
  ): Promise<SubgraphResponse> {
    const { status, headers, bytes } = await exchange(dispatcher, {
      path,
      headers: Object.assign({}, context.headers, {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        ...(config.compression && { 'accept-encoding': ACCEPTED_ENCODINGS }),
        [TIMEOUT_HEADER]: String(timeoutMs),
      }),
      body,
      idempotent: request.operationKind === 'query',
      maxBytes: config.maxResponseBytes,
      signal: request.signal,
      timeoutMs,
    });
    const encoding = headers['content-encoding']?.toString() ?? 'identity';
    const plain = encoding === 'identity' ? bytes : await decompressed(bytes, encoding, status);
    const { data, errors, extensions } = parseResponse(name, status, plain);
    return {
      data,
      // Some servers say `null` where nothing failed.
      errors: errors ? cleanErrors(errors) : undefined,
      extensions,
      http: {
        status,
        cacheControl: headers['cache-control']?.toString(),
        age: headers['age']?.toString(),
        bytes: bytes.length,
      },
    };
  }

  async function decompressed(bytes: Buffer, encoding: string, status: number): Promise<Buffer> {
    try {
      const plain = await decompress(bytes, encoding.toLowerCase(), config.maxResponseBytes);
      if (plain !== undefined) return plain;
    } catch (cause) {
      if ((cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
        const what = `more than ${config.maxResponseBytes} bytes`;
        throw new BadResponseError(name, what, undefined, cause);
      }
      throw new BadResponseError(name, 'a body that cannot be decompressed', status, cause);
    }
    throw new BadResponseError(name, `an unknown Content-Encoding, ${JSON.stringify(encoding)}`, status);
  }

  function asFault(error: unknown, timeoutMs: number): CodedError {
    if (error instanceof CodedError) return error;
    if (error instanceof TooManyBytesError) return new BadResponseError(name, error.message);
    return unreachable(name, error instanceof ExchangeTimeoutError, timeoutMs, error);
  }

  return {
    url,
    get state() {
      return state;
    },
    async fetch(request, context) {
      const timeoutMs = timeLeft(context, config.timeoutMs);
      if (timeoutMs <= 0) throw outOfTime(name);
      // Not below: what cannot be written says nothing about the subgraph.
      const body = bodyOf(request);
      try {
        const response = await ask(request, body, context, timeoutMs);
        state = 'up';
        return response;
      } catch (error) {
        if (request.signal?.aborted || isOurFault(error)) throw error;
        state = 'down';
        const fault = asFault(error, timeoutMs);
        onFault(fault);
        throw fault;
      }
    },
    close: () => dispatcher.close(),
  };
}

/** Such as a header that HTTP cannot carry: nothing was sent. */
function isOurFault(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'UND_ERR_INVALID_ARG';
}

function parseAddress(name: string, url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address !== undefined && /^https?:$/.test(address.protocol)) return address;
  throw new Error(`subgraph "${name}": expected an http(s) URL, got ${JSON.stringify(url)}`);
}

/**
 * One request per socket at a time: behind a slow answer a pipelined one would wait. On HTTP/2, requests share a
 * connection: negotiated where the address is https, and taken for granted where it is http, as it is configured.
 */
function openDispatcher(origin: string, config: UpstreamConfig): Dispatcher {
  const { connections, timeoutMs: connectTimeout } = config;
  if (!config.http2) return new Pool(origin, { connections, pipelining: 1, connectTimeout });
  if (origin.startsWith('https:')) return new Pool(origin, { connections, connectTimeout, allowH2: true });
  return new Pool(origin, { connections, factory: (url) => new H2CClient(url, { connectTimeout }) });
}

const queryTexts = new LRUCache<string, string>({
  max: 5_000,
  maxSize: 32 * 1024 * 1024,
  sizeCalculation: (text) => text.length + 1,
});

/** The text of a fetch's document is the same in all its requests: it is escaped once. */
function bodyOf({ query, operationName, variables }: SubgraphRequest): string {
  let text = queryTexts.get(query);
  if (text === undefined) {
    text = `{"query":${JSON.stringify(query)}`;
    queryTexts.set(query, text);
  }
  if (operationName !== undefined) text += `,"operationName":${JSON.stringify(operationName)}`;
  return variables === undefined ? `${text}}` : `${text},"variables":${JSON.stringify(variables)}}`;
}

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
  return value as SubgraphResponse;
}
