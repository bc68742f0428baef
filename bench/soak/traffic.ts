import { connect } from 'node:net';
import { pageId, pageRequest, shelfRequest } from '../cache/pages.js';
import { HttpConnection, postBytes } from '../support/httpConnection.js';

const KNOWN_PAGES = 200;
const BYTES = 1_000;
/** Each new operation has a text of its own; in more than literals it differs from this many before it: too many for the plans that are kept. */
const SHAPES = 400;
/** Few enough for their plans to be kept: such operations come quickly. */
const FEW_SHAPES = 100;
/** Fills what is bounded by the characters of texts. */
const PADDING = 'x'.repeat(3_000);

export type Kind = 'hit' | 'miss' | 'entities' | 'newOperation' | 'newText' | 'wrong' | 'failing' | 'gone';

/** Of 100 requests. Few clients go away in life; here they are what leaks most easily. */
const SHARES: readonly (readonly [Kind, number])[] = [
  ['hit', 50],
  ['miss', 15],
  ['entities', 15],
  ['newOperation', 5],
  ['wrong', 5],
  ['failing', 5],
  ['gone', 5],
];
const WRONG = ['{"query":"{ nothing"}', '{"query":"{ nothing }"}', 'not JSON', '{"query":7}', '[]'];

/** Everything that a gateway meets in a day, in quick succession; never the same twice where that matters. */
export class Traffic {
  readonly #url: string;
  readonly #kinds: readonly Kind[] = SHARES.flatMap(([kind, share]) => Array<Kind>(share).fill(kind));
  #count = 0;

  constructor(url: string) {
    this.#url = url;
  }

  /** @throws when an answer is not of the kind that it has to be */
  run(requests: number, connections: number): Promise<void> {
    // Spread evenly, in the same order every time.
    return this.#drive(
      requests,
      connections,
      (index) => this.#kinds[(index * 37) % this.#kinds.length] as Kind,
    );
  }

  /** Requests of one kind, to fill what they fill. */
  runOnly(kind: Kind, requests: number, connections: number): Promise<void> {
    return this.#drive(requests, connections, () => kind);
  }

  async #drive(requests: number, connections: number, kindOf: (index: number) => Kind): Promise<void> {
    const end = this.#count + requests;
    const drive = async (): Promise<void> => {
      const connection = new HttpConnection(this.#url);
      try {
        while (this.#count < end) {
          const index = this.#count++;
          await this.#one(connection, kindOf(index), index);
        }
      } finally {
        connection.close();
      }
    };
    await Promise.all(Array.from({ length: connections }, drive));
  }

  async #one(connection: HttpConnection, kind: Kind, index: number): Promise<void> {
    const body = bodyOf(kind, index);
    if (kind === 'gone') return goAway(this.#url, postBytes(this.#url, body));
    const { status, body: answer } = await connection.send(postBytes(this.#url, body));
    const text = answer.toString();
    const isRight =
      kind === 'wrong'
        ? status === 400
        : status === 200 && text.includes('"errors"') === (kind === 'failing');
    if (!isRight) throw new Error(`a wrong answer to ${kind}, status ${status}: ${text.slice(0, 500)}`);
  }
}

function bodyOf(kind: Kind, index: number): string {
  if (kind === 'hit') return pageRequest(pageId(index % KNOWN_PAGES, BYTES));
  if (kind === 'entities') return shelfRequest(pageId(index, BYTES));
  if (kind === 'failing') return pageRequest(`bad-${index}`);
  if (kind === 'wrong') return WRONG[index % WRONG.length] as string;
  if (kind === 'newOperation' || kind === 'newText') {
    const shape = index % (kind === 'newText' ? FEW_SHAPES : SHAPES);
    return JSON.stringify({
      query: `query Q${shape} { page(id: "${pageId(index, BYTES)}") { a${shape}: id } } #${PADDING}`,
    });
  }
  return pageRequest(pageId(index, BYTES));
}

/** Sends a request, and does not wait for the answer. */
function goAway(url: string, request: Buffer): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(request, () => setImmediate(() => socket.destroy()));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}
