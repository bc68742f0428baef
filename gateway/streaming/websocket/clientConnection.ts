import type { Duplex } from 'node:stream';
import type { GraphQLFormattedError } from 'graphql';
import { type Message, MessageType, parseMessage } from 'graphql-ws';
import { type RawData, WebSocket } from 'ws';
import { CodedError } from '../../../platform/errors.js';
import type { Logger } from '../../../platform/logger.js';
import type { RequestBounds } from '../../admission/createRequestBounds.js';
import type { GatewayConfig } from '../../config.js';
import { CLOSE_CODES, type CloseReason } from '../closeCodes.js';
import type { RunOperation } from '../runOperation.js';
import type { StreamClient, Visitor } from '../streamClient.js';
import type { QueuedClient, StreamQueues } from '../streamQueues.js';
import { OperationSink } from './operationSink.js';
import { writeText } from './writeText.js';

/** What all connections have in common. */
export interface ConnectionHost {
  readonly config: GatewayConfig;
  readonly bounds: RequestBounds;
  readonly queues: StreamQueues;
  /** @throws to refuse */
  identify(visitor: Visitor, connectionParams: Readonly<Record<string, unknown>>): Promise<StreamClient>;
  readonly run: RunOperation;
  /** Told of each error with which an operation is refused that is not run. */
  onRefused(error: unknown): void;
  readonly logger: Logger;
  onClose(connection: ClientConnection, reason: CloseReason | undefined): void;
  /** A result was handed to the socket. */
  onSent(): void;
}

/** `setTimeout` takes no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How long a client that is closed may take to say so. */
const CLOSE_WAIT_MS = 2_000;
/** Of a message, at most, beside its text. */
const FRAME_BYTES = 10;

/**
 * One WebSocket with `graphql-transport-ws`. The protocol is spoken here rather than by the server of `graphql-ws`, which
 * makes an iterator and a copy of each result for every subscriber; here a result is written once, for all.
 */
export class ClientConnection implements QueuedClient {
  readonly #host: ConnectionHost;
  readonly #socket: WebSocket;
  readonly #wire: Duplex;
  readonly #operations = new Map<string, OperationSink>();
  #visitor: Visitor;
  #client: StreamClient | undefined;
  #state: 'new' | 'greeting' | 'ready' | 'closed' = 'new';
  #reason: CloseReason | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isAlive = true;

  /** @param wire what the WebSocket is on */
  constructor(socket: WebSocket, wire: Duplex, visitor: Visitor, host: ConnectionHost) {
    this.#host = host;
    this.#socket = socket;
    this.#wire = wire;
    this.#visitor = visitor;
    this.#setTimer(host.config.streaming.initTimeoutMs, 'initTimeout');
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('ping', (data) => this.#answerFrame(data));
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    // An error is followed by `close`.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') host.bounds.watch.tooLarge();
    });
    socket.once('close', () => this.#closed());
  }

  get operations(): number {
    return this.#operations.size;
  }

  get waitingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Called with each heartbeat: cuts a connection that has not answered the last one. */
  tryAlive(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }

  close(reason: CloseReason, text: string = CLOSE_CODES[reason].meaning): void {
    if (this.#state === 'closed') return;
    this.#reason ??= reason;
    this.#finish();
    this.#socket.close(CLOSE_CODES[reason].code, asReason(text));
    this.#host.queues.leave(this);
    // One that does not read does not answer either.
    setTimeout(() => this.cut(), CLOSE_WAIT_MS).unref();
  }

  closeTooSlow(): void {
    this.close('tooSlow');
  }

  cut(): void {
    this.#socket.terminate();
  }

  send(message: string): void {
    if (!this.#mayWrite()) return;
    this.#socket.send(message, SEND_OPTIONS);
    this.#host.queues.sent(this, Buffer.byteLength(message) + FRAME_BYTES);
  }

  /** @param head what comes before the result, whose end is a closing brace */
  sendResult(head: Buffer, result: Buffer): void {
    if (!this.#mayWrite()) return;
    const bytes = writeText(this.#wire, head, result);
    this.#host.onSent();
    this.#host.queues.sent(this, bytes, result);
  }

  /** Closes the connection when too much waits already. */
  #mayWrite(): boolean {
    if (this.#state === 'closed' || this.#socket.readyState !== WebSocket.OPEN) return false;
    if (this.waitingBytes <= this.#host.config.streaming.maxQueueBytes) return true;
    this.close('tooSlow');
    return false;
  }

  /** The operation is over. */
  forget(sink: OperationSink): void {
    if (this.#operations.get(sink.id) === sink) this.#operations.delete(sink.id);
  }

  #receive(data: RawData, isBinary: boolean): void {
    let message: Message;
    const text = isBinary ? '' : data.toString();
    // All in one piece, as the library has it by default.
    this.#host.bounds.watch.whole((data as Buffer).length);
    try {
      message = parseMessage(text);
    } catch {
      if (isBatch(text)) this.close('badRequest', this.#host.bounds.refuseBatch().message);
      else this.close('badRequest');
      return;
    }
    try {
      this.#handle(message);
    } catch (error) {
      // Nobody else would catch it: it would end the process, and with it everybody's connections.
      this.#host.logger.error({ err: error }, 'a message of a client could not be handled');
      this.close('internalError');
    }
  }

  #handle(message: Message): void {
    switch (message.type) {
      case MessageType.ConnectionInit:
        void this.#init(message.payload ?? {});
        break;
      case MessageType.Subscribe:
        this.#subscribe(message.id, message.payload);
        break;
      case MessageType.Complete:
        this.#operations.get(message.id)?.stop();
        break;
      case MessageType.Ping:
        this.#answerPing(message.payload);
        break;
      case MessageType.Pong:
        break;
      default:
        this.close('badRequest');
    }
  }

  /** A ping of WebSockets themselves. */
  #answerFrame(data: Buffer): void {
    if (!this.#mayWrite()) return;
    this.#socket.pong(data);
    this.#host.queues.sent(this, data.length + FRAME_BYTES);
  }

  #answerPing(payload: unknown): void {
    let pong: string;
    try {
      pong = JSON.stringify({ type: MessageType.Pong, payload });
    } catch {
      // What was read can be nested too deeply to be written.
      this.close('badRequest');
      return;
    }
    this.send(pong);
  }

  async #init(params: Readonly<Record<string, unknown>>): Promise<void> {
    if (this.#state !== 'new') {
      this.close('tooManyInits');
      return;
    }
    this.#state = 'greeting';
    let client: StreamClient;
    try {
      client = await this.#host.identify(this.#visitor, params);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    if (this.#state !== 'greeting') return;
    this.#client = client;
    this.#visitor = { headers: {} };
    this.#state = 'ready';
    clearTimeout(this.#timer);
    const { expiresAt } = client.caller;
    if (expiresAt !== undefined) this.#setTimer(expiresAt - Date.now(), 'forbidden');
    this.send('{"type":"connection_ack"}');
  }

  #refuse(error: unknown): void {
    if (error instanceof CodedError) {
      this.close('forbidden', error.message);
      return;
    }
    this.#host.logger.error({ err: error }, 'the identity of a connection could not be found out');
    this.close('internalError');
  }

  #subscribe(id: string, payload: Parameters<RunOperation>[0]): void {
    const client = this.#client;
    if (this.#state !== 'ready' || client === undefined) {
      this.close('unauthorized');
      return;
    }
    if (this.#operations.has(id)) {
      this.close('operationExists');
      return;
    }
    const sink = new OperationSink(this, id);
    const { maxOperationsPerConnection } = this.#host.config.streaming;
    if (this.#operations.size >= maxOperationsPerConnection) {
      const message = `One connection may have ${maxOperationsPerConnection} operations at the same time.`;
      const error = new CodedError('STREAM_LIMIT_REACHED', message);
      this.#host.onRefused(error);
      sink.fail([withoutStatus(error)]);
      return;
    }
    this.#operations.set(id, sink);
    sink.begin(this.#host.run(payload, client, sink));
  }

  #setTimer(delayMs: number, reason: CloseReason): void {
    const timer = setTimeout(() => this.close(reason), Math.min(Math.max(delayMs, 0), MAX_TIMER_MS));
    timer.unref();
    this.#timer = timer;
  }

  #finish(): void {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    for (const sink of [...this.#operations.values()]) sink.stop();
    this.#operations.clear();
  }

  #closed(): void {
    this.#finish();
    this.#host.queues.forget(this);
    this.#host.onClose(this, this.#reason);
  }
}

const SEND_OPTIONS = { binary: false, compress: false } as const;

/** Whether a message that is none of the protocol is a list of messages, or brings a list of operations. */
function isBatch(text: string): boolean {
  try {
    const value = JSON.parse(text) as { readonly type?: unknown; readonly payload?: unknown } | null;
    return Array.isArray(value) || (value?.type === MessageType.Subscribe && Array.isArray(value.payload));
  } catch {
    return false;
  }
}

/** A close frame has room for 123 bytes. */
function asReason(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 123);
}

function withoutStatus(error: CodedError): GraphQLFormattedError {
  const { http: _, ...extensions } = error.extensions;
  return { message: error.message, extensions };
}
