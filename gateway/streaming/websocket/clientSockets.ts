import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import { CodedError, ERROR_CODES } from '../../../platform/errors.js';
import type { UpgradeHandler } from '../../../platform/http/httpServer.js';
import { refuseUpgrade } from '../../../platform/http/refuseUpgrade.js';
import type { CloseReason } from '../closeCodes.js';
import { CLOSE_CODES } from '../closeCodes.js';
import { inTurns } from '../inTurns.js';
import type { Visitor } from '../streamClient.js';
import { ClientConnection, type ConnectionHost } from './clientConnection.js';
import { isAllowedOrigin } from './isAllowedOrigin.js';

export interface ClientSocketsOptions extends Omit<ConnectionHost, 'onClose'> {
  visitorOf(request: IncomingMessage): Visitor;
  /** Whether one more may come; the process has a limit. */
  admit(): boolean;
  /** Counts an opening as a request: each of them can try a token. @throws CodedError `RATE_LIMITED`, or as a rejection */
  count(request: IncomingMessage): void | Promise<void>;
  /** @param reason why we closed it; `undefined` when the client did, or the network */
  onClose(reason: CloseReason | undefined): void;
}

/** Of one message. Each piece takes some hundred bytes more than it has: of many small ones a message would be large. */
const MAX_FRAGMENTS = 256;

/** The WebSockets of clients. */
export interface ClientSockets {
  readonly upgrade: UpgradeHandler;
  readonly connections: number;
  readonly operations: number;
  /** Closes all of them, so that their clients come again elsewhere, and takes no new one. */
  drain(): void;
}

export function createClientSockets(options: ClientSocketsOptions): ClientSockets {
  const { config, bounds } = options;
  const connections = new Set<ClientConnection>();
  let draining = false;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: bounds.maxBytes,
    maxFragments: MAX_FRAGMENTS,
    // A network splits a message into pieces of a thousand bytes and more.
    maxBufferedChunks: 64 + Math.ceil(bounds.maxBytes / 256),
    // A compressor per connection takes more memory than everything else of it.
    perMessageDeflate: false,
    // The library would answer whether the answers are read or not.
    autoPong: false,
    handleProtocols: (offered) =>
      offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
  });
  const host: ConnectionHost = {
    ...options,
    onClose(connection, reason) {
      connections.delete(connection);
      options.onClose(reason);
    },
  };
  // One timer for all: it keeps the process alive no more than the sockets do.
  const heartbeat = setInterval(() => {
    void inTurns([...connections], (connection) => connection.tryAlive());
  }, config.streaming.heartbeatMs);
  heartbeat.unref();

  const open: UpgradeHandler = (request, socket, head) => {
    if (draining) return refuseUpgrade(socket, 503);
    if (!options.admit()) {
      options.onRefused(new CodedError('STREAM_LIMIT_REACHED', 'There are as many connections as may be.'));
      return refuseUpgrade(socket, 503);
    }
    server.handleUpgrade(request, socket, head, (webSocket) => {
      if (webSocket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
        webSocket.on('error', () => undefined);
        options.onClose('wrongSubprotocol');
        webSocket.close(CLOSE_CODES.wrongSubprotocol.code, 'graphql-transport-ws is spoken here');
        return;
      }
      connections.add(new ClientConnection(webSocket, socket, options.visitorOf(request), host));
    });
  };

  return {
    upgrade(request, socket, head) {
      if (pathOf(request) !== '/graphql') return refuseUpgrade(socket, 404);
      if (!isAllowedOrigin(config, request.headers)) return refuseUpgrade(socket, 403);
      try {
        const counted = options.count(request);
        if (counted === undefined) return open(request, socket, head);
        // Until Redis has answered nobody else listens, and an error that nobody hears ends the process.
        const ignore = () => undefined;
        socket.on('error', ignore);
        counted.then(
          () => {
            socket.off('error', ignore);
            if (!socket.destroyed) open(request, socket, head);
          },
          (error: unknown) => refuseCounted(socket, error),
        );
      } catch (error) {
        refuseCounted(socket, error);
      }
    },
    get connections() {
      return connections.size;
    },
    get operations() {
      let sum = 0;
      for (const connection of connections) sum += connection.operations;
      return sum;
    },
    drain() {
      draining = true;
      clearInterval(heartbeat);
      for (const connection of [...connections]) connection.close('goingAway');
    },
  };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const question = url.indexOf('?');
  return question < 0 ? url : url.slice(0, question);
}

function refuseCounted(socket: Duplex, error: unknown): void {
  if (error instanceof CodedError) {
    const { retryAfterSeconds } = error.extensions;
    refuseUpgrade(socket, ERROR_CODES[error.code].status, `retry-after: ${retryAfterSeconds}\r\n`);
  } else {
    refuseUpgrade(socket, 500);
  }
}
