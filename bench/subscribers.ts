import { setTimeout as sleep } from 'node:timers/promises';
import { composeSupergraph } from '../schema/composeSupergraph.js';
import { startClients } from './subscribers/clients.js';
import { NAMES_SCHEMA, nameOf, TOPICS_SCHEMA } from './subscribers/topicGraph.js';
import { startGatewayProcess } from './support/gatewayProcess.js';
import { startMeasured } from './support/measuredProcess.js';
import { decimals, machine, table } from './support/table.js';

const numberFrom = (name: string, fallback: number) => Number(process.env[name] ?? fallback);

/** So that what is measured is the delivery of events, and not how fast the subgraph of the bench gives names. */
async function loadNames(url: string, topics: number): Promise<void> {
  const pending = Array.from({ length: topics }, (_, topic) => String(topic));
  const load = async () => {
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const query = 'query ($id: ID!) { topic(id: $id) { id name } }';
      const response = await fetch(new URL('/graphql', url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: { id } }),
      });
      const { data } = (await response.json()) as { data?: { topic?: { name: string } } };
      if (data?.topic?.name !== nameOf(id)) throw new Error(`topic ${id} has no name`);
    }
  };
  await Promise.all(Array.from({ length: 10 }, load));
}

interface Shape {
  readonly subscribers: number;
  /** All of them have equally many subscribers. */
  readonly topics: number;
  readonly eventsPerSecond: number;
}

/**
 * Subscribers of one gateway process: what each of them takes of memory, and how long an event is on its way, when many
 * events a second go out to five each, and when all want the same. `BENCH_SECONDS`, `_SUBSCRIBERS` and `_EVENTS`
 * make it shorter or longer.
 */
export async function benchSubscribers(): Promise<string> {
  const seconds = numberFrom('BENCH_SECONDS', 30);
  const subscribers = numberFrom('BENCH_SUBSCRIBERS', 5_000);
  const eventsPerSecond = numberFrom('BENCH_EVENTS', 1_000);
  const few = Math.ceil(subscribers / 5);
  const rows: string[][] = [];
  for (const shape of [
    { subscribers, topics: few, eventsPerSecond },
    // As many results as above, all of one subscription.
    { subscribers, topics: 1, eventsPerSecond: Math.max(1, Math.round(eventsPerSecond / few)) },
  ]) {
    rows.push(await measure(shape, few, seconds));
  }
  const header = [
    'subscribers',
    'topics',
    'events/s',
    'results/s',
    'p50 ms',
    'p99 ms',
    'KB each, in use',
    'KB each, resident',
    'CPU %',
  ];
  return [
    `WebSockets on one gateway process, memory beyond the first ${few}, clients in another process, ${machine()}`,
    '',
    table(header, rows),
  ].join('\n');
}

/** @param few so many of the subscribers come first: only what the others add counts as theirs */
async function measure(
  { subscribers, topics, eventsPerSecond }: Shape,
  few: number,
  seconds: number,
): Promise<string[]> {
  await using subgraphs = await startMeasured('bench/servers/topicSubgraphs.js', [
    String(eventsPerSecond),
    String(topics),
  ]);
  const { supergraphSdl } = composeSupergraph([
    { name: 'topics', url: `${subgraphs.url}/topics`, typeDefs: TOPICS_SCHEMA },
    { name: 'names', url: `${subgraphs.url}/names`, typeDefs: NAMES_SCHEMA },
  ]);
  await using gateway = await startGatewayProcess({ supergraphSdl });
  await using clients = startClients();
  const url = new URL('/graphql', gateway.url).href.replace(/^http/, 'ws');
  const grow = async (count: number) => {
    await clients.ask({ kind: 'grow', url, subscribers: count, topics });
    // What connecting needed is let go of.
    await sleep(2_000);
    const { liveBytes } = await gateway.memory();
    return { liveBytes, ...(await gateway.usage()) };
  };
  const small = await grow(few);
  const large = await grow(subscribers);
  await loadNames(gateway.url, topics);
  // Memory is that of subscribers who wait: what is under way comes and goes.
  await fetch(`${subgraphs.url}/publish`, { method: 'POST' });
  await sleep(2_000);
  await clients.ask({ kind: 'forget' });
  const before = await gateway.usage();
  await sleep(seconds * 1_000);
  const { delays, wrong, firstWrong } = await clients.ask({ kind: 'report' });
  const after = await gateway.usage();
  if (wrong > 0) {
    throw new Error(`${wrong} results were wrong, or connections closed, the first: ${firstWrong}`);
  }
  const expected = eventsPerSecond * seconds * (subscribers / topics);
  if (delays.length < expected * 0.95) {
    throw new Error(`only ${delays.length} of ${expected} results came`);
  }
  const sorted = delays.toSorted((one, other) => one - other);
  const quantile = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  const perSubscriber = (key: 'liveBytes' | 'rssBytes') =>
    decimals((large[key] - small[key]) / (subscribers - few) / 1024, 1);
  return [
    String(subscribers),
    String(topics),
    String(eventsPerSecond),
    decimals(delays.length / seconds, 0),
    decimals(quantile(0.5), 1),
    decimals(quantile(0.99), 1),
    perSubscriber('liveBytes'),
    perSubscriber('rssBytes'),
    decimals(((after.cpuMs - before.cpuMs) / (seconds * 1_000)) * 100, 0),
  ];
}
