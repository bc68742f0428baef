import { connect, type Socket } from 'node:net';

/** One answer as it came over the wire. */
export interface HttpAnswer {
  readonly status: number;
  /** Status line and header lines. */
  readonly head: string;
  readonly body: Buffer;
}

/** The bytes of a POST request with a JSON body, made once and sent many times. */
export function postBytes(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Buffer {
  const { host, pathname } = new URL(url);
  const lines = Object.entries({ host, 'content-type': 'application/json', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(
    `POST ${pathname} HTTP/1.1\r\n${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** @param name in lower case */
export function headerOf({ head }: HttpAnswer, name: string): string | undefined {
  const lower = head.toLowerCase();
  const start = lower.indexOf(`\r\n${name}: `);
  if (start < 0) return undefined;
  const end = head.indexOf('\r\n', start + 2);
  return head.slice(start + name.length + 4, end < 0 ? undefined : end);
}

const SAYS_CLOSE = /\r\nconnection: close\b/i;

/**
 * A kept-alive connection that sends ready bytes and takes one answer at a time. It does next to nothing besides:
 * on a machine with two cores, a load generator that parses and builds requests is what limits the server.
 * Understands answers with a `Content-Length` only.
 */
export class HttpConnection {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;
  #chunks: Buffer[] = [];
  #received = 0;
  /** What the answer under way takes, once its head is there. */
  #expected:
    | { readonly head: string; readonly status: number; readonly bodyAt: number; readonly end: number }
    | undefined;
  #resolve: ((answer: HttpAnswer) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
  }

  /** Rejects when the connection is lost before the answer is whole. */
  send(request: Buffer): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#open().write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    const socket = connect(this.#port, this.#host);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      // One that was given up before has nothing to do with the request under way.
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#fail(new Error('the connection was lost'));
    });
    this.#socket = socket;
    return socket;
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    this.#expected ??= this.#readHead();
    const expected = this.#expected;
    if (expected === undefined || this.#received < expected.end) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const { head, status, bodyAt, end } = expected;
    // The server takes nothing more here, as NGINX says after 1,000 requests (RFC 9112, section 9.6).
    if (SAYS_CLOSE.test(head)) this.#leave();
    this.#settle()?.({ head, status, body: bytes.subarray(bodyAt, end) });
  }

  #readHead() {
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    const headEnd = bytes.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const head = bytes.toString('latin1', 0, headEnd);
    const status = Number(head.slice(9, 12));
    const length = status === 304 ? '0' : /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.#socket?.destroy();
      this.#fail(new Error(`an answer without a Content-Length: ${head}`));
      return undefined;
    }
    const bodyAt = headEnd + 4;
    return { head, status, bodyAt, end: bodyAt + Number(length) };
  }

  #leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #settle(): ((answer: HttpAnswer) => void) | undefined {
    const resolve = this.#resolve;
    this.#chunks = [];
    this.#received = 0;
    this.#expected = undefined;
    this.#resolve = undefined;
    this.#reject = undefined;
    return resolve;
  }

  #fail(error: Error): void {
    const reject = this.#reject;
    this.#settle();
    reject?.(error);
  }
}
