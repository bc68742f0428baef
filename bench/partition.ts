import { setTimeout as sleep } from 'node:timers/promises';
import { graphqlSocketClient } from '../test/support/graphqlSocketClient.js';
import { startReplicaSet } from '../test/support/mongod.js';
import { cutOffPrimary } from '../test/support/partition.js';
import { until } from '../test/support/until.js';
import { Cleanup } from './support/cleanup.js';
import { HttpConnection, postBytes } from './support/httpConnection.js';
import { FEED_TOKEN, feedUrlOf, startSampleSystem } from './support/sampleSystem.js';
import { decimals, machine, table } from './support/table.js';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
/** MongoDB's own default: for so long the others wait for a primary that says nothing before they elect another one. */
const ELECTION_TIMEOUT_MS = Number(process.env['BENCH_ELECTION_TIMEOUT_MS'] ?? 10_000);
const PAUSE_MS = 20;
const BEFORE_MS = 2_000;
/** From when all is well again. */
const AFTER_MS = 5_000;
const PATIENCE_MS = 120_000;

interface Answer {
  readonly endedAt: number;
  /** `undefined`: what was asked for, or done. */
  readonly code: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  readonly data: any;
}

interface Client {
  readonly name: string;
  readonly query: string;
  readonly answers: Answer[];
}

/** The two numbers of each round, for one client. */
interface Gap {
  readonly longestMs: number;
  readonly failed: number;
  readonly codes: readonly string[];
}

const NO_CACHE = { 'cache-control': 'no-store' };
const LONGEST = 'longest without an answer, s (median; max)';

/**
 * What readers and writers of products and stock notice while the primary is cut off from everybody, on a real set of three
 * under the whole sample shop.
 * @throws when a write that was acknowledged is gone afterwards, or the feed of products does not tell of one
 */
export async function benchPartition(): Promise<string> {
  await using cleanup = new Cleanup();
  const replicaSet = cleanup.use(
    await startReplicaSet({
      members: 3,
      settings: { electionTimeoutMillis: ELECTION_TIMEOUT_MS, heartbeatIntervalMillis: 2_000 },
    }),
  );
  const system = cleanup.use(await startSampleSystem({ MONGODB_URI: replicaSet.uri }));
  const { url } = system.gateway;
  const clients = {
    kept: client(
      'product page, in the cache',
      '{ product(id: "books-0001") { name price { amountMinor } } }',
    ),
    page: client('product page, from the database', '{ product(id: "books-0002") { name version } }'),
    list: client(
      'list of a category, from the database',
      '{ products(category: "books") { edges { node { id } } } }',
    ),
    edit: client(
      'change of a product',
      'mutation { updateProduct(id: "books-0003", input: { description: "as it is" }) { version } }',
    ),
    stock: client('stock (strong read)', '{ stock(productId: "books-0004") { onHand } }'),
    restock: client(
      'change of stock',
      'mutation { restock(productId: "books-0005", quantity: 1) { onHand } }',
    ),
  };
  const all = Object.values(clients);
  const [first] = await Promise.all([
    ask(url, '{ product(id: "books-0003") { version } stock(productId: "books-0005") { onHand } }'),
    ask(url, clients.kept.query),
  ]);
  const feed = followFeed(system.subgraphs[0], `Product:id=books-0003`);
  cleanup.defer(feed.close);

  let isOver = false;
  const running = Promise.all(all.map((each) => run(url, each, each !== clients.kept, () => isOver)));
  const rounds: Map<Client, Gap>[] = [];
  const silencesMs: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await sleep(BEFORE_MS);
      const cutAt = performance.now();
      const partition = await cutOffPrimary(replicaSet);
      const isBack = ({ answers }: Client) =>
        answers.some(({ endedAt, code }) => code === undefined && endedAt > cutAt + ELECTION_TIMEOUT_MS / 2);
      await until(
        'all are answered again',
        () => all.every(isBack) && feed.heardAt > cutAt + 2_000,
        PATIENCE_MS,
      );
      await sleep(AFTER_MS);
      partition.heal();
      await sleep(AFTER_MS);
      rounds.push(new Map(all.map((each) => [each, gapOf(each, cutAt)])));
      silencesMs.push(feed.longestSilenceMs(cutAt));
    }
  } finally {
    isOver = true;
    await running;
  }
  const last = await ask(
    url,
    '{ product(id: "books-0003") { version } stock(productId: "books-0005") { onHand } }',
  );
  const made = {
    edits: last.data.product.version - first.data.product.version,
    restocks: last.data.stock.onHand - first.data.stock.onHand,
  };
  const kept = { edits: acknowledged(clients.edit), restocks: acknowledged(clients.restock) };
  if (made.edits < kept.edits || made.restocks < kept.restocks) {
    throw new Error(`acknowledged: ${JSON.stringify(kept)}, there: ${JSON.stringify(made)}`);
  }
  await until('the feed has told of each change', () => feed.changes >= made.edits, PATIENCE_MS);
  return report(all, rounds, silencesMs, kept);
}

function client(name: string, query: string): Client {
  return { name, query, answers: [] };
}

async function ask(url: string, query: string): Promise<Answer> {
  const connection = new HttpConnection(url);
  try {
    return await send(connection, postBytes(url, JSON.stringify({ query }), NO_CACHE));
  } finally {
    connection.close();
  }
}

async function run(
  url: string,
  { query, answers }: Client,
  isFresh: boolean,
  isOver: () => boolean,
): Promise<void> {
  const connection = new HttpConnection(url);
  const request = postBytes(url, JSON.stringify({ query }), isFresh ? NO_CACHE : {});
  while (!isOver()) {
    answers.push(await send(connection, request));
    await sleep(PAUSE_MS);
  }
  connection.close();
}

async function send(connection: HttpConnection, request: Buffer): Promise<Answer> {
  const { body } = await connection.send(request);
  const { data, errors } = JSON.parse(body.toString()) as {
    data: Answer['data'];
    errors?: readonly { extensions: { code: string } }[];
  };
  return { endedAt: performance.now(), code: errors?.[0]?.extensions.code, data };
}

const acknowledged = ({ answers }: Client): number => answers.filter(({ code }) => code === undefined).length;

function gapOf({ answers }: Client, since: number): Gap {
  const later = answers.filter(({ endedAt }) => endedAt > since);
  const failures = later.flatMap(({ code }) => (code === undefined ? [] : [code]));
  const times = later.filter(({ code }) => code === undefined).map(({ endedAt }) => endedAt);
  return {
    longestMs: longestStep([since, ...times]),
    failed: failures.length,
    codes: [...new Set(failures)],
  };
}

function longestStep(times: readonly number[]): number {
  return Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] as number)));
}

/** The feed of a subgraph, as a gateway reads it: heartbeats come every second. */
function followFeed(subgraph: Parameters<typeof feedUrlOf>[0] | undefined, tag: string) {
  if (subgraph === undefined) throw new Error('there is no such subgraph');
  const client = graphqlSocketClient(feedUrlOf(subgraph), { authorization: `Bearer ${FEED_TOKEN}` });
  const heard: number[] = [];
  let changes = 0;
  const results = client.iterate({ query: 'subscription { invalidations { tags } }' });
  void (async () => {
    for await (const { data } of results) {
      heard.push(performance.now());
      if ((data as { invalidations: { tags: string[] } }).invalidations.tags.includes(tag)) changes += 1;
    }
    // Whoever waits for its changes waits in vain then.
  })().catch(() => undefined);
  return {
    get heardAt() {
      return heard.at(-1) ?? 0;
    },
    get changes() {
      return changes;
    },
    longestSilenceMs: (since: number) => longestStep([since, ...heard.filter((at) => at > since)]),
    close: async () => void (await client.dispose()),
  };
}

function report(
  clients: readonly Client[],
  rounds: readonly Map<Client, Gap>[],
  silencesMs: readonly number[],
  kept: { readonly edits: number; readonly restocks: number },
): string {
  const rows = clients.map((each) => {
    const gaps = rounds.map((round) => round.get(each) as Gap);
    const codes = [...new Set(gaps.flatMap((gap) => gap.codes))].map((code) => `\`${code}\``).join(', ');
    const failed = gaps.reduce((sum, gap) => sum + gap.failed, 0);
    return [each.name, String(failed), codes, spread(gaps.map(({ longestMs }) => longestMs))];
  });
  rows.push(['feed of products', '0', '', spread(silencesMs)]);
  return [
    `${rounds.length} times, \`electionTimeoutMillis: ${ELECTION_TIMEOUT_MS}\`; ${machine()}`,
    '',
    table(['what', 'failed', 'with', LONGEST], rows),
    '',
    `none lost of ${kept.edits} changes of a product and ${kept.restocks} of stock that were acknowledged`,
  ].join('\n');
}

function spread(valuesMs: readonly number[]): string {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const [median = 0, most = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return `${decimals(median / 1_000, 1)}; ${decimals(most / 1_000, 1)}`;
}
