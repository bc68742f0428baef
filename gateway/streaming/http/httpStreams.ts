import type { IncomingMessage, ServerResponse } from 'node:http';
import { CodedError } from '../../../platform/errors.js';
import type { RequestHandler } from '../../../platform/http/httpServer.js';
import { readBody } from '../../../platform/http/readBody.js';
import { REQUEST_ID_HEADER, requestIdOf } from '../../../platform/http/requestId.js';
import type { RequestBounds } from '../../admission/createRequestBounds.js';
import type { GatewayConfig } from '../../config.js';
import { refuseForged } from '../../http/refuseForged.js';
import type { PersistedOperations } from '../../persisted/createPersistedOperations.js';
import { inTurns } from '../inTurns.js';
import type { OperationRequest } from '../prepareOperation.js';
import type { RunOperation } from '../runOperation.js';
import { settledRequest } from '../settledRequest.js';
import type { StreamClient } from '../streamClient.js';
import type { StreamQueues } from '../streamQueues.js';
import { createEventStreamFormat } from './eventStreamFormat.js';
import { HttpSink } from './httpSink.js';
import { createMultipartFormat } from './multipartFormat.js';
import { type AcceptedStream, acceptedStream, decodeStreamRequest, mayStream } from './streamRequest.js';

export interface HttpStreamsOptions {
  readonly config: GatewayConfig;
  readonly bounds: RequestBounds;
  readonly queues: StreamQueues;
  /** @throws to refuse */
  identify(request: IncomingMessage, response: ServerResponse): Promise<StreamClient>;
  readonly run: RunOperation;
  readonly persisted: PersistedOperations;
  /** Whether the operation is one that is streamed, as far as can be told. */
  isStreamed(request: OperationRequest): boolean;
  isMutation(request: OperationRequest): boolean;
  /** Whether one more may come; the process has a limit. */
  admit(): boolean;
  /** Told of each error with which a stream is refused. */
  onRefused(error: unknown): void;
  onSent(kind: AcceptedStream['kind']): void;
  onTooSlow(): void;
}

/** Operations whose results go out in one HTTP response, one after the other. */
export interface HttpStreams {
  /** Streams what is to be streamed, and leaves all else to `next`. */
  before(next: RequestHandler): RequestHandler;
  count(kind: AcceptedStream['kind']): number;
  drain(): void;
}

/** `setTimeout` takes no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const NO_BODY = Buffer.alloc(0);

export function createHttpStreams(options: HttpStreamsOptions): HttpStreams {
  const { config, bounds, persisted } = options;
  const sinks = { sse: new Set<HttpSink>(), multipart: new Set<HttpSink>() };
  let draining = false;
  const heartbeat = setInterval(() => {
    void inTurns([...sinks.sse, ...sinks.multipart], (sink) => sink.heartbeat());
  }, config.streaming.heartbeatMs);
  heartbeat.unref();

  function open({ kind, takesJson }: AcceptedStream, response: ServerResponse): HttpSink {
    const sink = new HttpSink({
      response,
      format: kind === 'sse' ? createEventStreamFormat(response) : createMultipartFormat(response),
      takesJson,
      maxQueueBytes: config.streaming.maxQueueBytes,
      queues: options.queues,
      onSent: () => options.onSent(kind),
      onTooSlow: options.onTooSlow,
      onEnd: (ended) => sinks[kind].delete(ended),
    });
    sinks[kind].add(sink);
    return sink;
  }

  /** @throws CodedError while no stream may begin */
  function checkRoom(): void {
    if (!draining && options.admit()) return;
    const message = 'This process takes no more streams at the moment.';
    throw new CodedError(draining ? 'NOT_READY' : 'STREAM_LIMIT_REACHED', message);
  }

  async function stream(
    accepted: AcceptedStream,
    operation: OperationRequest,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    checkRoom();
    const client = await options.identify(request, response);
    if (response.destroyed) return;
    // To find out who it is can take as long as the answer of whoever signs the tokens.
    checkRoom();
    response.setHeader(REQUEST_ID_HEADER, requestIdOf(request));
    const sink = open(accepted, response);
    const { expiresAt } = client.caller;
    if (expiresAt !== undefined) {
      const error = new CodedError('INVALID_TOKEN', 'The token has expired: subscribe again with a new one.');
      const { http: _, ...extensions } = error.extensions;
      const expire = () => sink.fail([{ message: error.message, extensions }]);
      const timer = setTimeout(expire, Math.min(Math.max(expiresAt - Date.now(), 0), MAX_TIMER_MS));
      response.once('close', () => clearTimeout(timer));
    }
    sink.begin(options.run(operation, client, sink));
  }

  return {
    before: (next) => (request, response) => {
      const accepted = acceptedStream(request.headers.accept);
      return accepted === undefined ? next(request, response) : choose(accepted, request, response, next);
    },
    count: (kind) => sinks[kind].size,
    drain() {
      draining = true;
      clearInterval(heartbeat);
      for (const sink of [...sinks.sse]) sink.breakOff();
      const error = new CodedError('NOT_READY', 'This process shuts down: subscribe again.');
      const { http: _, ...extensions } = error.extensions;
      for (const sink of [...sinks.multipart]) sink.fail([{ message: error.message, extensions }]);
    },
  };

  async function choose(
    accepted: AcceptedStream,
    request: IncomingMessage,
    response: ServerResponse,
    next: RequestHandler,
  ): Promise<void> {
    try {
      const operation = await streamedOperation(accepted, request);
      if (operation !== undefined) return await stream(accepted, operation, request, response);
    } catch (error) {
      options.onRefused(error);
      throw error;
    }
    return next(request, response);
  }

  /** @returns `undefined` for what is to be answered in one piece */
  async function streamedOperation(
    accepted: AcceptedStream,
    request: IncomingMessage,
  ): Promise<OperationRequest | undefined> {
    const isPost = request.method === 'POST';
    const body = isPost ? await readBody(request, bounds.maxBytes, bounds.watch) : NO_BODY;
    if (accepted.takesJson && !mayStream(request, body)) return undefined;
    const { headers } = request;
    const sent = decodeStreamRequest(request, body, bounds);
    if (accepted.takesJson) {
      const { text } = persisted.judge(sent, headers);
      const isStreamed = text !== undefined && options.isStreamed({ ...sent, query: text });
      if (!isStreamed) return undefined;
    }
    refuseForged(headers);
    const operation = settledRequest(persisted, sent, headers);
    // A link alone must not be able to write.
    if (request.method === 'GET' && options.isMutation(operation)) {
      throw new CodedError('BAD_REQUEST', 'Mutations are sent by POST.');
    }
    return operation;
  }
}
