import type { GraphQLFormattedError } from 'graphql';
import { Agent, type Dispatcher } from 'undici';
import { isJsonObject } from '../../execution/json.js';
import { EventStreamReader } from './eventStreamReader.js';
import { SilenceWatch } from './silenceWatch.js';
import {
  refusalIn,
  subscribePayload,
  type UpstreamRequest,
  type UpstreamSink,
  type UpstreamTransport,
  type UpstreamTransportOptions,
} from './upstreamTransport.js';

/** GraphQL over SSE in distinct connections mode: each subscription is one POST, and its answer does not end. */
export function createEventStreamTransport(options: UpstreamTransportOptions): UpstreamTransport {
  const agent = new Agent({ pipelining: 1, connectTimeout: options.connectTimeoutMs });
  return {
    subscribe(request, sink) {
      const stream = new EventStream(sink, options);
      stream.begin(agent, request);
      return () => stream.stop();
    },
    close: () => void agent.destroy(),
  };
}

const EVENT_STREAM = /^text\/event-stream\s*(;|$)/i;
/** Trying again may help. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);
/** Of an answer that is no stream of events: it tells why. */
const MAX_REFUSAL_BYTES = 64 * 1024;

/** One try of one subscription. */
class EventStream {
  readonly #sink: UpstreamSink;
  readonly #options: UpstreamTransportOptions;
  readonly #silence: SilenceWatch;
  readonly #reader: EventStreamReader;
  #deadline: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  /** What came of an answer that is no stream of events. */
  #refusal: Buffer[] | undefined;
  #refusalBytes = 0;
  #over = false;

  constructor(sink: UpstreamSink, options: UpstreamTransportOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#silence = new SilenceWatch(options.heartbeatMs, () =>
      this.#lost(new Error('no heartbeat came any more')),
    );
    this.#reader = new EventStreamReader(
      {
        event: (name, data) => this.#event(name, data),
        comment: () => this.#silence.heartbeat(),
      },
      options.maxMessageBytes,
    );
  }

  begin(agent: Agent, request: UpstreamRequest): void {
    const { connectTimeoutMs } = this.#options;
    const { origin, pathname, search } = new URL(request.url);
    this.#deadline = setTimeout(
      () => this.#lost(new Error(`there was no answer within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    agent.dispatch(
      {
        origin,
        path: pathname + search,
        method: 'POST',
        headers: {
          ...request.headers,
          'content-type': 'application/json',
          // Nothing beside it: some servers stream only to those who take nothing else.
          accept: 'text/event-stream',
        },
        body: JSON.stringify(subscribePayload(request)),
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      {
        onRequestStart: (controller) => {
          this.#controller = controller;
          if (this.#over) controller.abort(GIVEN_UP);
        },
        onResponseStart: (_controller, status, headers) => {
          // As 103: the answer itself is still to come.
          if (status < 200) return;
          this.#status = status;
          if (status === 200 && EVENT_STREAM.test(String(headers['content-type']))) {
            clearTimeout(this.#deadline);
            this.#sink.opened();
          } else {
            // The deadline holds until the reason is here as a whole.
            this.#refusal = [];
          }
        },
        onResponseData: (_controller, chunk) => this.#data(chunk),
        onResponseEnd: () => {
          if (this.#refusal === undefined) this.#lost(new Error('the subgraph ended the stream'));
          else this.#refused(Buffer.concat(this.#refusal));
        },
        onResponseError: (_controller, error) => this.#lost(error),
      },
    );
  }

  stop(): void {
    if (!this.#finish()) return;
    this.#controller?.abort(GIVEN_UP);
  }

  #data(chunk: Buffer): void {
    if (this.#over) return;
    if (this.#refusal !== undefined) {
      this.#refusalBytes += chunk.length;
      if (this.#refusalBytes <= MAX_REFUSAL_BYTES) this.#refusal.push(chunk);
      else this.#refused(NO_BODY);
      return;
    }
    try {
      this.#reader.read(chunk);
      this.#silence.heard();
    } catch (error) {
      this.#lost(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #event(name: string, data: string): void {
    if (this.#over) return;
    if (name === 'complete') {
      // What follows is of no interest, and not every server ends the answer.
      this.stop();
      this.#sink.complete();
      return;
    }
    if (name !== 'next') return;
    const result: unknown = JSON.parse(data);
    if (!isJsonObject(result)) throw new Error('an event is no GraphQL result');
    const refusal = refusalIn(result);
    if (refusal === undefined) this.#sink.next(result);
    else this.#end(() => this.#sink.refused(refusal));
  }

  #refused(body: Buffer): void {
    const status = this.#status;
    if (status >= 500 || PASSING.has(status)) {
      this.#lost(new Error(`the subgraph answered with status ${status}`));
      return;
    }
    const message = `The subgraph answered with status ${status}, and no stream of events.`;
    this.#end(() => this.#sink.refused(errorsIn(body) ?? [{ message }]));
  }

  #lost(error: Error): void {
    this.#end(() => this.#sink.lost(error));
  }

  /** Lets go of the connection before anybody hears of it: they may subscribe again at once. */
  #end(tell: () => void): void {
    if (!this.#finish()) return;
    this.#controller?.abort(GIVEN_UP);
    tell();
  }

  #finish(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#deadline);
    this.#silence.stop();
    return true;
  }
}

const NO_BODY = Buffer.alloc(0);
const GIVEN_UP = new Error('the subscription is over');

function errorsIn(body: Buffer): GraphQLFormattedError[] | undefined {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    const errors = isJsonObject(answer) ? answer['errors'] : undefined;
    return Array.isArray(errors) && errors.length > 0 ? errors : undefined;
  } catch {
    return undefined;
  }
}
