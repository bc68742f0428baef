import { setTimeout as sleep } from 'node:timers/promises';
import { composeSupergraph } from '../schema/composeSupergraph.js';
import { startClients } from './subscribers/clients.js';
import { NAMES_SCHEMA, TOPICS_SCHEMA } from './subscribers/topicGraph.js';
import { startGatewayProcess } from './support/gatewayProcess.js';
import { startMeasured } from './support/measuredProcess.js';
import { decimals, machine, table } from './support/table.js';

const numberFrom = (name: string, fallback: number) => Number(process.env[name] ?? fallback);

/**
 * Subscribers of one gateway process: what each of them takes of memory, and how long an event is on its way when so
 * many a second go out to five each. `HEADGATE_BENCH_SECONDS`, `_SUBSCRIBERS` and `_EVENTS` make it shorter or longer.
 */
export async function benchSubscribers(): Promise<string> {
  const seconds = numberFrom('HEADGATE_BENCH_SECONDS', 30);
  const subscribers = numberFrom('HEADGATE_BENCH_SUBSCRIBERS', 5_000);
  const eventsPerSecond = numberFrom('HEADGATE_BENCH_EVENTS', 1_000);
  const first = Math.ceil(subscribers / 5);
  const topics = first;
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
  const small = await grow(first);
  const large = await grow(subscribers);
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
    decimals((large[key] - small[key]) / (subscribers - first) / 1024, 1);
  const row = [
    String(subscribers),
    String(eventsPerSecond),
    decimals(delays.length / seconds, 0),
    decimals(quantile(0.5), 1),
    decimals(quantile(0.99), 1),
    perSubscriber('liveBytes'),
    perSubscriber('rssBytes'),
    decimals(((after.cpuMs - before.cpuMs) / (seconds * 1_000)) * 100, 0),
  ];
  const header = [
    'subscribers',
    'events/s',
    'results/s',
    'p50 ms',
    'p99 ms',
    'KB each, in use',
    'KB each, resident',
    'CPU %',
  ];
  return [
    `WebSockets on one gateway process, memory beyond the first ${first}, clients in another process, ${machine()}`,
    '',
    table(header, [row]),
  ].join('\n');
}
