import { StringDecoder } from 'node:string_decoder';

export interface EventStreamListener {
  event(name: string, data: string): void;
  /** A comment: it says no more than that the connection is alive. */
  comment(): void;
}

/** An event has more bytes than it may have. */
export class EventTooLargeError extends Error {}

/**
 * Reads `text/event-stream` as it comes in, cut anywhere. Of what the format knows, `id` and `retry` are left out: who
 * subscribes decides when to try again, and GraphQL over SSE gives its events no ids.
 */
export class EventStreamReader {
  readonly #listener: EventStreamListener;
  readonly #maxBytes: number;
  readonly #decoder = new StringDecoder('utf8');
  /** Pieces of a line whose end has not come yet: a long one must not be searched again with each piece. */
  #pieces: string[] = [];
  /** Of the event so far. */
  #size = 0;
  #name = '';
  #data: string | undefined;
  #isAtStart = true;
  #endedWithReturn = false;

  constructor(listener: EventStreamListener, maxBytes: number) {
    this.#listener = listener;
    this.#maxBytes = maxBytes;
  }

  /** @throws EventTooLargeError */
  read(chunk: Buffer): void {
    let text = this.#decoder.write(chunk);
    if (text === '') return;
    if (this.#isAtStart) {
      this.#isAtStart = false;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    // The second half of a line end of which the first has been taken for a whole one.
    if (this.#endedWithReturn && text.startsWith('\n')) text = text.slice(1);
    this.#endedWithReturn = text.endsWith('\r');
    let from = 0;
    for (const { index, 0: end } of text.matchAll(LINE_END)) {
      this.#hold(text.slice(from, index));
      this.#line(this.#pieces.length === 1 ? (this.#pieces[0] as string) : this.#pieces.join(''));
      this.#pieces = [];
      from = index + end.length;
    }
    if (from < text.length) this.#hold(text.slice(from));
  }

  #hold(piece: string): void {
    this.#pieces.push(piece);
    // There are at least as many bytes as UTF-16 units.
    this.#size += piece.length;
    if (this.#size > this.#maxBytes) {
      throw new EventTooLargeError(`an event has more than ${this.#maxBytes} bytes`);
    }
  }

  #line(line: string): void {
    if (line === '') {
      const name = this.#name;
      const data = this.#data;
      this.#name = '';
      this.#data = undefined;
      this.#size = 0;
      if (data !== undefined) this.#listener.event(name === '' ? 'message' : name, data);
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) {
      this.#size -= line.length;
      this.#listener.comment();
      return;
    }
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') this.#name = value;
    else if (field === 'data') this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
  }
}

const LINE_END = /\r\n|\n|\r/g;
