import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isOutage } from '../database/errors.js';
import { CodedError, DATABASE_AWAY } from '../errors.js';
import type { Logger } from '../logger.js';
import { type DiscardOptions, discardBody } from './discardBody.js';
import { REQUEST_ID_HEADER, requestIdOf } from './requestId.js';
import { sendCodedError, sendJson } from './sendJson.js';
import { type SlowReaderReason, UnreadAnswers } from './unreadAnswers.js';
import { UpgradableRequest } from './upgradableRequest.js';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface HttpServerOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly handler: RequestHandler;
  /** Takes requests for a WebSocket. Whatever else a request offers to speak, it is answered as if it did not. */
  readonly upgrade?: UpgradeHandler | undefined;
  /** How long `close` waits for requests under way before it cuts them. @default 10000 */
  readonly drainTimeoutMs?: number;
  /** How long a client may take to read an answer, from when all of it is there; then it is cut off. @default 120000 */
  readonly sendTimeoutMs?: number;
  /** What answers that wait for slow clients may take together; then who waits for longest is cut off. @default 256 MB */
  readonly maxUnreadBytes?: number;
  /** A client was cut off because it did not read. */
  onSlowReader?(reason: SlowReaderReason): void;
  /**
   * What is still read of a body that is too large, so that its sender hears of it: the connection is closed after the
   * answer. @default 16 MB, for 2 s
   */
  readonly tooLargeRest?: DiscardOptions;
  /** @default headers 10 s, the whole request 60 s */
  readonly arrival?: ArrivalTimeouts;
  readonly logger: Logger;
}

/** How long a request may take to arrive: whoever drips one in, byte by byte, is answered 408 and cut off. In ms. */
export interface ArrivalTimeouts {
  readonly headersTimeout: number;
  /** Headers and body. */
  readonly requestTimeout: number;
  /** How often connections are looked at for that. */
  readonly connectionsCheckingInterval: number;
}

export interface HttpServer {
  readonly port: number;
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Takes no new connection, closes idle ones, lets requests under way finish, then resolves. */
  close(options?: CloseOptions): Promise<void>;
}

export interface CloseOptions {
  /**
   * How long an idle connection may bring one more request, which is the last one on it. Without that, a request which
   * a client sends on a kept-alive connection at the very moment of closing is lost. @default 0
   */
  readonly idleGraceMs?: number;
}

/**
 * Longer than the 60 s for which load balancers keep idle connections (NGINX's `keepalive_timeout` of an upstream, AWS's
 * idle timeout): who closes first must be the one who sends requests, or one of them meets a closed door. Node's own 5 s
 * are a 502 now and then.
 */
const KEEP_ALIVE_MS = 75_000;

const ARRIVAL: ArrivalTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 2_000,
};

const TOO_LARGE_REST: DiscardOptions = { maxBytes: 16 * 1024 * 1024, timeoutMs: 2_000 };

/** Requests that one connection may send before the first of them is answered. Nobody who means well sends more. */
const MAX_PIPELINED = 64;

/**
 * Listens, and answers with a request id when a handler fails: 503 where a database is away, which helps to ask again, and
 * 500 else. Rejects when the port is taken.
 */
export async function listen(options: HttpServerOptions): Promise<HttpServer> {
  const { host = '127.0.0.1', drainTimeoutMs = 10_000, tooLargeRest = TOO_LARGE_REST, logger } = options;
  const unread = new UnreadAnswers({
    timeoutMs: options.sendTimeoutMs ?? 120_000,
    maxBytes: options.maxUnreadBytes ?? 256 * 1024 * 1024,
    onCut: (reason) => options.onSlowReader?.(reason),
  });
  let closing = false;
  // Node waits for connections that were opened and never used, as browsers do, and for those kept alive after an
  // answer that ends while the server closes: so what is idle is known here. With each its responses that are not over;
  // Node does not tell of the end of those that stand in line when their connection is lost.
  const sockets = new Map<Socket, ServerResponse[]>();
  let mayBringMore = true;
  const arrival = { ...ARRIVAL, ...options.arrival };
  const server = createServer({ ...arrival, IncomingMessage: UpgradableRequest }, (request, response) => {
    const { socket } = request;
    const line = sockets.get(socket);
    // Lost already, or over: after an answer with `connection: close`, nothing may be processed (RFC 9112, section 9.6).
    if (line === undefined || !socket.writable) return;
    // A kept-alive connection would otherwise bring its next request to a server that is going away.
    if (closing) response.setHeader('connection', 'close');
    response.on('prefinish', noteUnread).on('close', goOn);
    line.push(response);
    if (line.length > MAX_PIPELINED) socket.destroy();
    // What comes before the answer to the one before waits for it: else one connection could hold many answers in memory.
    else if (line.length === 1) answer(request, response);
  });
  function answer(request: IncomingMessage, response: ServerResponse): void {
    const failed = (error: unknown) => {
      const isTooLarge = error instanceof CodedError && error.code === 'REQUEST_TOO_LARGE';
      if (!isTooLarge) fail(request, response, error, logger);
      else void discardBody(request, tooLargeRest).then(() => fail(request, response, error, logger));
    };
    try {
      const answered = options.handler(request, response);
      if (answered instanceof Promise) answered.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
  // The listeners of all responses: one made for each of them would be made, and collected, for each request.
  function noteUnread(this: ServerResponse): void {
    unread.note(this);
  }
  function goOn(this: ServerResponse): void {
    const { socket } = this.req;
    const line = sockets.get(socket);
    if (line === undefined) return;
    line.shift();
    const [next] = line;
    if (next !== undefined) {
      // Else that was the last answer: whatever else stands in line goes with the connection.
      if (socket.writable) answer(next.req, next);
    } else if (!mayBringMore) socket.destroySoon();
  }
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('connection', (socket) => {
    sockets.set(socket, []);
    socket.once('close', () => sockets.delete(socket));
  });
  const upgrade = options.upgrade;
  if (upgrade) {
    server.on('upgrade', (request, socket, head) => {
      sockets.delete(request.socket);
      upgrade(request, socket, head);
    });
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    port,
    url: `http://${shownHost}:${port}`,
    close: ({ idleGraceMs = 0 } = {}) =>
      new Promise((resolve) => {
        closing = true;
        for (const response of [...sockets.values()].flat()) {
          if (!response.headersSent) response.setHeader('connection', 'close');
        }
        const closeIdle = () => {
          mayBringMore = false;
          for (const [socket, line] of sockets) if (line.length === 0) socket.destroy();
        };
        const cut = setTimeout(() => server.closeAllConnections(), drainTimeoutMs);
        const grace = idleGraceMs > 0 ? setTimeout(closeIdle, idleGraceMs) : undefined;
        // Only the listener: the `close` of an HTTP server also ends idle connections, at once.
        NetServer.prototype.close.call(server, () => {
          clearTimeout(cut);
          clearTimeout(grace);
          resolve();
        });
        if (idleGraceMs === 0) closeIdle();
      }),
  };
}

function fail(request: IncomingMessage, response: ServerResponse, error: unknown, logger: Logger): void {
  const requestId = requestIdOf(request);
  if (!response.headersSent) response.setHeader(REQUEST_ID_HEADER, requestId);
  if (error instanceof CodedError) {
    sendCodedError(response, error);
    return;
  }
  if (isOutage(error) && !response.headersSent) {
    logger.error({ err: error, requestId }, 'a database is away');
    // A gateway's answer with this code has the status 200: there, a part of it failed. Here it is all there is.
    const extensions = { code: 'TEMPORARILY_UNAVAILABLE', requestId };
    response.setHeader('retry-after', 1).setHeader('cache-control', 'no-store');
    sendJson(response, 503, { errors: [{ message: DATABASE_AWAY, extensions }] });
    return;
  }
  logger.error({ err: error, requestId }, 'a request handler failed');
  sendCodedError(
    response,
    new CodedError('INTERNAL_SERVER_ERROR', 'Internal server error', { extensions: { requestId } }),
  );
}
