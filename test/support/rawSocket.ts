import { WebSocket } from 'ws';
import { until } from './until.js';

/** A WebSocket that speaks the protocol by hand, for what no client library does. */
export interface RawSocket {
  readonly socket: WebSocket;
  readonly messages: readonly { readonly type: string; readonly [key: string]: unknown }[];
  /** Resolves with the code and the reason once it is closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  send(message: unknown): void;
  /** Resolves when a message of this type has come. */
  untilCame(type: string): Promise<void>;
}

export interface RawSocketOptions {
  /** @default graphql-transport-ws */
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export async function openRawSocket(url: string, options: RawSocketOptions = {}): Promise<RawSocket> {
  const { protocols = ['graphql-transport-ws'], headers = {} } = options;
  const socket = new WebSocket(url.replace(/^http/, 'ws'), [...protocols], { headers });
  const messages: RawSocket['messages'][number][] = [];
  socket.on(
    'message',
    (data) => void messages.push(JSON.parse(String(data)) as RawSocket['messages'][number]),
  );
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.on('error', reject);
  });
  return {
    socket,
    messages,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    untilCame: (type) => until(`${type} came`, () => messages.some((message) => message.type === type)),
  };
}

/** The same, acknowledged. */
export async function openGreetedSocket(
  url: string,
  payload?: Record<string, unknown>,
  options?: RawSocketOptions,
): Promise<RawSocket> {
  const raw = await openRawSocket(url, options);
  raw.send({ type: 'connection_init', payload });
  await raw.untilCame('connection_ack');
  return raw;
}
