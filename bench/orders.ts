import { IDENTITY_HEADER, signIdentity } from '../platform/identity.js';
import { IDENTITY_SECRET, type OrderSystem, openOrderSystem } from './orders/orderSystem.js';
import { HttpConnection, postBytes } from './support/httpConnection.js';
import { decimals, machine, table } from './support/table.js';

const numberFrom = (name: string, fallback: number): number => Number(process.env[name] ?? fallback);

const SETTINGS = {
  /** How long orders are accepted for, without a worker. */
  seconds: numberFrom('BENCH_SECONDS', 10),
  connections: numberFrom('BENCH_CONNECTIONS', 16),
  /** Orders that are waiting when workers start. */
  backlog: numberFrom('BENCH_ORDERS', 2_000),
  workers: (process.env['BENCH_WORKERS'] ?? '1,2').split(',').map(Number),
};

const PLACE = 'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { id status } }';

/**
 * How many orders are accepted per second and how soon, and how fast workers get a backlog of them done: reserved,
 * charged (by the sandbox), committed and mailed (to files), on real MongoDB and Redis.
 *
 * @throws when an order is not accepted, or not confirmed in the end
 */
export async function benchOrders(): Promise<string> {
  await using system = await openOrderSystem();
  const { seconds, connections, backlog } = SETTINGS;
  await placeFor(system, { seconds: Math.max(1, seconds / 5) });
  const accepted = await placeFor(system, { seconds });
  process.stderr.write(`${accepted.latencies.length} orders accepted\n`);
  await system.drain(Math.max(...SETTINGS.workers));
  const rows: string[][] = [];
  for (const workers of SETTINGS.workers) {
    await placeFor(system, { orders: backlog });
    const { seconds: took, cpuMs } = await system.drain(workers);
    process.stderr.write(`${workers} workers: ${backlog} orders in ${decimals(took, 1)} s\n`);
    rows.push([
      String(workers),
      decimals(backlog / took, 0),
      decimals(backlog / took / workers, 0),
      decimals(cpuMs / backlog, 1),
    ]);
  }
  await system.expectAllConfirmed(placed);
  return [
    `placeOrder at the orders subgraph, ${connections} connections, no worker running, ${machine()}`,
    '',
    table(
      ['', 'orders/s', 'p50 ms', 'p99 ms'],
      [
        [
          'accepted',
          decimals(accepted.latencies.length / accepted.seconds, 0),
          decimals(percentile(accepted.latencies, 0.5), 1),
          decimals(percentile(accepted.latencies, 0.99), 1),
        ],
      ],
    ),
    '',
    `A backlog of ${backlog} orders, from the first worker being ready to the last mail`,
    '',
    table(['workers', 'orders/s', 'orders/s per worker', 'CPU ms of workers per order'], rows),
  ].join('\n');
}

interface Placed {
  readonly seconds: number;
  readonly latencies: readonly number[];
}

let placed = 0;

async function placeFor(
  system: OrderSystem,
  limit: { readonly seconds: number } | { readonly orders: number },
): Promise<Placed> {
  const latencies: number[] = [];
  const began = performance.now();
  let left = 'orders' in limit ? limit.orders : Number.POSITIVE_INFINITY;
  const until = 'seconds' in limit ? began + limit.seconds * 1_000 : Number.POSITIVE_INFINITY;
  async function place(): Promise<void> {
    const connection = new HttpConnection(system.ordersUrl);
    try {
      while (left > 0 && performance.now() < until) {
        left -= 1;
        placed += 1;
        const request = requestOf(system, placed);
        const since = performance.now();
        const { status, body } = await connection.send(request);
        latencies.push(performance.now() - since);
        if (status !== 200 || !body.includes('"status":"PLACED"')) {
          throw new Error(`an order was not accepted: ${status} ${body.toString()}`);
        }
      }
    } finally {
      connection.close();
    }
  }
  await Promise.all(Array.from({ length: SETTINGS.connections }, place));
  return { seconds: (performance.now() - began) / 1_000, latencies };
}

function requestOf({ ordersUrl, productIds }: OrderSystem, index: number): Buffer {
  const subject = `customer-${index % 1_000}`;
  const items = [0, 7].map((step) => ({
    productId: productIds[(index + step) % productIds.length] as string,
    quantity: 1,
  }));
  const variables = { input: { idempotencyKey: `order-${index}`, items } };
  return postBytes(ordersUrl, JSON.stringify({ query: PLACE, variables }), {
    [IDENTITY_HEADER]: signIdentity({ subject }, IDENTITY_SECRET),
  });
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
