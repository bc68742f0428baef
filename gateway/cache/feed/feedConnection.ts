import { createClient, type ExecutionResult } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type FeedEvent, parseFeedEvent } from './feedEvent.js';

/** Why a connection ended. */
export type FeedEnd =
  | { readonly kind: 'cursor-lost' }
  | { readonly kind: 'fault'; readonly error: unknown }
  | { readonly kind: 'closed' };

export interface FeedConnectionOptions {
  /** `ws://…` or `wss://…` */
  readonly url: string;
  /** Sent as `Bearer` in `connection_init`. */
  readonly token: string | undefined;
  /** The last applied cursor; without it the feed begins now. */
  readonly after: string | undefined;
  /** For the WebSocket's handshake, and again for the acknowledgement of `connection_init`. */
  readonly connectTimeoutMs: number;
  onConnected(): void;
  /** In the order of the feed. */
  onEvent(event: FeedEvent): void;
  /** Where the feed stood after this connection was made. Only when it resumes. */
  onNow(event: FeedEvent): void;
}

export interface FeedConnection {
  /** Never rejects. No callback is called afterwards. */
  readonly ended: Promise<FeedEnd>;
  /** At once, also when the other side does not answer any more. @param why @default closed */
  close(why?: FeedEnd): void;
}

const QUERY =
  'subscription Invalidations($after: String) { invalidations(after: $after) { tags cursor operationTime } }';
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/**
 * One connection to a feed, for one try: whoever opened it decides when to try again, since the cursor is another one
 * by then. A feed that resumes is also asked where it stands now: cursors are opaque, so nothing else could tell when
 * the past has been read.
 */
export function openFeedConnection(options: FeedConnectionOptions): FeedConnection {
  const { token, after, connectTimeoutMs } = options;
  let over = false;
  let socket: WebSocket | undefined;
  let settle: (end: FeedEnd) => void = () => undefined;
  const ended = new Promise<FeedEnd>((resolve) => {
    settle = resolve;
  });

  class FeedSocket extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols, {
        handshakeTimeout: connectTimeoutMs,
        maxPayload: MAX_MESSAGE_BYTES,
        perMessageDeflate: false,
      });
      // The client takes its own listener away when it is terminated, and a late error would end the process.
      this.on('error', () => undefined);
      socket = this;
    }
  }

  const client = createClient({
    url: options.url,
    webSocketImpl: FeedSocket,
    connectionAckWaitTimeout: connectTimeoutMs,
    retryAttempts: 0,
    ...(token !== undefined && { connectionParams: { authorization: `Bearer ${token}` } }),
    on: {
      connected: () => {
        if (!over) options.onConnected();
      },
    },
  });

  function end(reason: FeedEnd): void {
    if (over) return;
    over = true;
    settle(reason);
    client.terminate();
    socket?.terminate();
  }

  function follow(cursor: string | undefined, onEvent: (event: FeedEvent) => void, mayEnd: () => boolean) {
    return client.subscribe(
      { query: QUERY, variables: { after: cursor ?? null } },
      {
        next(result) {
          if (over) return;
          if (result.errors) return end(endFor(result.errors));
          const event = parseFeedEvent(result.data);
          if (event === undefined) return end(fault('the feed sent something that is no invalidation'));
          onEvent(event);
        },
        error: (error) => end(endFor(error)),
        complete: () => {
          if (!mayEnd()) end(fault('the feed ended'));
        },
      },
    );
  }

  follow(after, options.onEvent, () => false);
  if (after !== undefined) {
    let answered = false;
    const stop = follow(
      undefined,
      (event) => {
        if (answered) return;
        answered = true;
        options.onNow(event);
        stop();
      },
      () => answered,
    );
  }
  return { ended, close: (why = { kind: 'closed' }) => end(why) };
}

function endFor(error: unknown): FeedEnd {
  const errors: readonly unknown[] = Array.isArray(error) ? error : [error];
  return errors.some(isCursorLost) ? { kind: 'cursor-lost' } : { kind: 'fault', error: asError(errors[0]) };
}

function isCursorLost(error: unknown): boolean {
  const { extensions } = (error ?? {}) as NonNullable<ExecutionResult['errors']>[number];
  return extensions?.['code'] === 'CURSOR_LOST';
}

/** GraphQL errors and close events come as plain objects. */
function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  const { message, code, reason } = (error ?? {}) as Record<string, unknown>;
  if (typeof code === 'number')
    return new Error(`the connection was closed with code ${code} ${reason ?? ''}`.trimEnd());
  return new Error(typeof message === 'string' ? message : 'the feed failed');
}

function fault(message: string): FeedEnd {
  return { kind: 'fault', error: new Error(message) };
}
