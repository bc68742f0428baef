import { setTimeout as sleep } from 'node:timers/promises';
import { sampleProductIds } from '../../subgraphs/shared/sampleIds.js';
import { type HttpAnswer, HttpConnection, postBytes } from '../support/httpConnection.js';

/** Read again and again; read for the first time; read with stock, which another subgraph has; ordered. */
export type Kind = 'kept' | 'new' | 'stock' | 'order';

export interface Outcome {
  readonly kind: Kind;
  readonly latencyMs: number;
  /** `undefined`: answered. */
  readonly code: string | undefined;
}

export interface AcceptedOrder {
  readonly id: string;
  readonly customer: string;
}

interface Load {
  readonly connections: number;
  /** Of all connections together. */
  readonly requestsPerSecond: number;
}

const MIX: readonly Kind[] = [
  'kept',
  'new',
  'kept',
  'stock',
  'kept',
  'order',
  'kept',
  'new',
  'kept',
  'stock',
];
/** Far beyond every limit of the gateway's own. */
const ANSWER_TIMEOUT_MS = 30_000;
const PRODUCTS = sampleProductIds().filter((_, index) => index % 75 === 0);
export const ORDERED = PRODUCTS.slice(0, 5);
const CUSTOMERS = 20;
const RESTOCK = 1_000_000;

/** Clients of the shop, through NGINX. Reads are sent by GET, which NGINX may ask a second gateway; orders by POST. */
export class Traffic {
  readonly orders: AcceptedOrder[] = [];
  readonly #url: string;
  readonly #load: Load;
  #count = 0;

  constructor(origin: string, load: Load) {
    this.#url = `${origin}/graphql`;
    this.#load = load;
  }

  /** Enough of what is going to be ordered, and what is kept is in the cache. */
  async prepare(): Promise<void> {
    const connection = new HttpConnection(this.#url);
    for (const index of ORDERED.keys())
      must(await connection.send(restockRequest(this.#url, index, RESTOCK)));
    for (const id of PRODUCTS) must(await connection.send(getBytes(this.#url, keptQuery(id))));
    connection.close();
  }

  /** Sends until the promise is settled, and gives what came of it when the last answer is there. */
  async during(work: Promise<unknown>): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    let isOver = false;
    const { connections, requestsPerSecond } = this.#load;
    const everyMs = (connections * 1000) / requestsPerSecond;
    const client = async (_: unknown, index: number): Promise<void> => {
      const connection = new HttpConnection(this.#url);
      let nextAt = performance.now() + (index * everyMs) / connections;
      for (;;) {
        await sleep(Math.max(0, nextAt - performance.now()));
        if (isOver) break;
        outcomes.push(await this.#one(connection));
        // Who waited long does not catch up: a person would not either.
        nextAt = Math.max(nextAt + everyMs, performance.now());
      }
      connection.close();
    };
    const clients = Promise.all(Array.from({ length: connections }, client));
    try {
      await work;
    } finally {
      isOver = true;
      await clients;
    }
    return outcomes;
  }

  /** Of the accepted orders, how many are in which status. */
  async orderStatuses(): Promise<ReadonlyMap<string, number>> {
    const connection = new HttpConnection(this.#url);
    const statuses = new Map<string, number>();
    for (const { id, customer } of this.orders) {
      const answer = await connection.send(
        getBytes(this.#url, `{ order(id: "${id}") { status } }`, customer),
      );
      const { data } = JSON.parse(answer.body.toString()) as { data?: { order?: { status: string } | null } };
      const status = data?.order?.status ?? 'unknown';
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    connection.close();
    return statuses;
  }

  async #one(connection: HttpConnection): Promise<Outcome> {
    const index = this.#count++;
    const kind = MIX[index % MIX.length] as Kind;
    const customer = `customer-${Math.floor(index / MIX.length) % CUSTOMERS}`;
    const sentAt = performance.now();
    const answer = await within(connection, requestOf(this.#url, kind, index, customer));
    const latencyMs = performance.now() - sentAt;
    const code = typeof answer === 'string' ? answer : codeOf(answer);
    if (kind === 'order' && code === undefined && typeof answer !== 'string') {
      const { data } = JSON.parse(answer.body.toString()) as { data: { placeOrder: { id: string } } };
      this.orders.push({ id: data.placeOrder.id, customer });
    }
    return { kind, latencyMs, code };
  }
}

/** @param index another one is another request, except for what is kept and for stock, which come round */
export function requestOf(url: string, kind: Kind, index: number, customer: string): Buffer {
  // Kinds come round with the mix, so that the index alone would give each of them the same few.
  const turn = Math.floor(index / MIX.length);
  const id = PRODUCTS[(index + turn) % PRODUCTS.length] as string;
  if (kind === 'kept') return getBytes(url, keptQuery(id));
  if (kind === 'stock') return getBytes(url, `{ product(id: "${id}") { id availability { available } } }`);
  if (kind === 'new') {
    return getBytes(
      url,
      `{ products(first: 3, filter: { minPriceMinor: ${index} }) { edges { node { id name } } } }`,
    );
  }
  const query = 'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { id } }';
  const items = [{ productId: ORDERED[turn % ORDERED.length], quantity: 1 }];
  const body = JSON.stringify({ query, variables: { input: { items, idempotencyKey: `stack-${index}` } } });
  return postBytes(url, body, { 'x-user': customer });
}

/** It makes one more of something that is ordered available: a change that everybody has to be told of. */
export function restockRequest(url: string, index: number, quantity = 1): Buffer {
  const query =
    'mutation ($id: ID!, $quantity: Int!) { restock(productId: $id, quantity: $quantity) { onHand } }';
  const variables = { id: ORDERED[index % ORDERED.length], quantity };
  return postBytes(url, JSON.stringify({ query, variables }));
}

function getBytes(url: string, query: string, customer?: string): Buffer {
  const { host, pathname } = new URL(url);
  const user = customer === undefined ? '' : `x-user: ${customer}\r\n`;
  return Buffer.from(
    `GET ${pathname}?query=${encodeURIComponent(query)} HTTP/1.1\r\nhost: ${host}\r\n` +
      `accept: application/json\r\napollo-require-preflight: 1\r\n${user}\r\n`,
  );
}

const keptQuery = (id: string): string =>
  `{ product(id: "${id}") { id name price { amountMinor currency } } }`;

/** The answer, or why there was none. */
export async function within(connection: HttpConnection, request: Buffer): Promise<HttpAnswer | string> {
  const timer = setTimeout(() => connection.close(), ANSWER_TIMEOUT_MS);
  try {
    return await connection.send(request);
  } catch {
    return 'no answer';
  } finally {
    clearTimeout(timer);
  }
}

function codeOf({ status, body }: HttpAnswer): string | undefined {
  const text = body.toString();
  // NGINX's own errors are pages.
  if (!text.startsWith('{')) return `HTTP ${status}`;
  const { errors } = JSON.parse(text) as { errors?: readonly { extensions?: { code?: string } }[] };
  if (errors?.[0] !== undefined) return errors[0].extensions?.code ?? 'no code';
  return status === 200 ? undefined : `HTTP ${status}`;
}

function must(answer: HttpAnswer): void {
  const code = codeOf(answer);
  if (code !== undefined) throw new Error(`${code}: ${answer.body.toString().slice(0, 500)}`);
}
