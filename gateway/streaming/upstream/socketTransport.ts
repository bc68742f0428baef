import type { GraphQLFormattedError } from 'graphql';
import { type Client, CloseCode, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { SubgraphResponse } from '../../execution/types.js';
import {
  refusalIn,
  subscribePayload,
  type UpstreamRequest,
  type UpstreamTransport,
  type UpstreamTransportOptions,
} from './upstreamTransport.js';

/** A connection, for all subscriptions with the same headers. */
interface Connection {
  readonly client: Client;
  isOpen: boolean;
  /** Those who want to hear when it opens. */
  readonly waiting: Set<() => void>;
  /** Each is called with why it is lost, where the client of the library would keep that to itself. */
  readonly users: Set<(error: Error) => void>;
}

/**
 * `graphql-transport-ws`. Subscriptions with equal headers share one connection: the headers are sent with the upgrade,
 * and as the payload of `connection_init`. A silent connection is tried with each heartbeat, and cut when it does not
 * answer until the next. Whoever subscribes decides when to try again.
 */
export function createSocketTransport(options: UpstreamTransportOptions): UpstreamTransport {
  const connections = new Map<string, Connection>();

  function connectionFor(request: UpstreamRequest): Connection {
    const known = connections.get(request.connectionKey);
    if (known !== undefined) return known;
    const made = open(request, options);
    connections.set(request.connectionKey, made);
    return made;
  }

  return {
    subscribe(request, sink) {
      const connection = connectionFor(request);
      let over = false;
      const opened = () => {
        connection.waiting.delete(opened);
        if (!over) sink.opened();
      };
      const finish = (): boolean => {
        if (over) return false;
        over = true;
        connection.waiting.delete(opened);
        connection.users.delete(lose);
        if (connection.users.size === 0) {
          if (connections.get(request.connectionKey) === connection)
            connections.delete(request.connectionKey);
          // It waits for a connection that is being made, and fails with it.
          Promise.resolve(connection.client.dispose()).catch(() => undefined);
        }
        return true;
      };
      const end = () => {
        if (over) return;
        // In this order: the client tells the subgraph while it is connected.
        stop();
        finish();
      };
      const lose = (error: Error) => {
        if (over) return;
        end();
        sink.lost(error);
      };
      connection.users.add(lose);
      if (connection.isOpen) queueMicrotask(opened);
      else connection.waiting.add(opened);
      const stop = connection.client.subscribe(subscribePayload(request), {
        next: (event) => {
          if (over) return;
          const refusal = refusalIn(event as SubgraphResponse);
          if (refusal === undefined) sink.next(event as SubgraphResponse);
          else {
            end();
            sink.refused(refusal);
          }
        },
        error: (error) => {
          if (!finish()) return;
          if (Array.isArray(error)) sink.refused(error as GraphQLFormattedError[]);
          else if (isRefusal(error)) sink.refused([{ message: asError(error).message }]);
          else sink.lost(asError(error));
        },
        complete: () => {
          if (finish()) sink.complete();
        },
      });
      return end;
    },
    close() {
      for (const { client } of connections.values()) client.terminate();
      connections.clear();
    },
  };
}

function open(request: UpstreamRequest, options: UpstreamTransportOptions): Connection {
  const { connectTimeoutMs, heartbeatMs, maxMessageBytes } = options;
  let deadline: NodeJS.Timeout | undefined;

  class UpstreamSocket extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols, {
        headers: { ...request.headers },
        handshakeTimeout: connectTimeoutMs,
        maxPayload: maxMessageBytes,
        perMessageDeflate: false,
      });
      // The client takes its own listener away when it is terminated, and a late error would end the process.
      this.on('error', () => undefined);
    }
  }

  const client = createClient({
    url: request.url,
    webSocketImpl: UpstreamSocket,
    connectionParams: { ...request.headers },
    connectionAckWaitTimeout: connectTimeoutMs,
    retryAttempts: 0,
    keepAlive: heartbeatMs,
    on: {
      connected: () => {
        connection.isOpen = true;
        for (const opened of [...connection.waiting]) opened();
      },
      closed: (event) => {
        connection.isOpen = false;
        clearTimeout(deadline);
        // After this code alone the client subscribes again, at once and without a word of what was missed.
        if (codeOf(event) !== NORMAL_CLOSURE) return;
        for (const lose of [...connection.users]) lose(asError(event));
      },
      ping: (received) => {
        if (received) return;
        clearTimeout(deadline);
        deadline = setTimeout(() => client.terminate(), heartbeatMs);
        deadline.unref();
      },
      pong: (received) => {
        if (received) clearTimeout(deadline);
      },
    },
  });
  const connection: Connection = { client, isOpen: false, waiting: new Set(), users: new Set() };
  return connection;
}

const NORMAL_CLOSURE = 1000;
/** Codes after which the same connection would be refused again. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  CloseCode.BadRequest,
  CloseCode.Unauthorized,
  CloseCode.Forbidden,
  CloseCode.SubprotocolNotAcceptable,
]);

function isRefusal(error: unknown): boolean {
  return REFUSALS.has(codeOf(error));
}

function codeOf(closeEvent: unknown): unknown {
  return (closeEvent as { code?: unknown } | null)?.code;
}

/** Events of a socket come as plain objects. */
function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  const { message, code, reason } = (error ?? {}) as Record<string, unknown>;
  if (typeof code === 'number') {
    return new Error(`the connection was closed with code ${code} ${reason ?? ''}`.trimEnd());
  }
  return new Error(typeof message === 'string' ? message : 'the connection failed');
}
