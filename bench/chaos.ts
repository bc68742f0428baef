import { setTimeout as sleep } from 'node:timers/promises';
import { composeSupergraph } from '../schema/composeSupergraph.js';
import { seededRandom } from '../subgraphs/shared/seededRandom.js';
import { ITEMS_SCHEMA, pageId, pageRequest, SHELVES_SCHEMA } from './cache/pages.js';
import { Cleanup } from './support/cleanup.js';
import { startGatewayProcess } from './support/gatewayProcess.js';
import { type HttpAnswer, HttpConnection, postBytes } from './support/httpConnection.js';
import { type Memory, startMeasured } from './support/measuredProcess.js';
import { decimals, machine, table } from './support/table.js';

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 120);
const SEED = process.env['BENCH_SEED'] ?? '1';
const CONNECTIONS = 8;
const KEPT_PAGES = 200;
const BYTES = 1_000;
const MB = 1024 * 1024;
/** Full before memory is measured, and still room for the pages that are kept. */
const CONFIG = { cache: { memoryBytes: 4 * MB } };
const FILL_PAGES = 4_000;
/** What may be there afterwards that was not there before: compiled code, buffers of connections. */
const MAX_MORE_BYTES = 8 * MB;
const MAX_MORE_HANDLES = 20;
/** For what is under way to end. */
const REST_MS = 3_000;
/** What a subgraph that is gone may be answered with. */
const EXPECTED = new Set(['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_TIMEOUT']);

interface Outcome {
  readonly kind: 'kept' | 'new';
  readonly isDown: boolean;
  readonly latencyMs: number;
  /** `undefined`: answered. */
  readonly code: string | undefined;
}

/**
 * The subgraphs are killed and started again, at random, while clients read what is in the cache and what is not.
 * @throws when a read that the cache could answer failed, or another one with a code that does not fit, or memory or handles
 *   stayed
 */
export async function benchChaos(): Promise<string> {
  await using cleanup = new Cleanup();
  let subgraphs = await startMeasured('bench/servers/pageSubgraphs.js', []);
  cleanup.defer(async () => subgraphs[Symbol.asyncDispose]());
  const { port } = new URL(subgraphs.url);
  const { supergraphSdl } = composeSupergraph([
    { name: 'shelves', url: `${subgraphs.url}/shelves`, typeDefs: SHELVES_SCHEMA },
    { name: 'items', url: `${subgraphs.url}/items`, typeDefs: ITEMS_SCHEMA },
  ]);
  const gateway = cleanup.use(await startGatewayProcess({ supergraphSdl, config: CONFIG }));
  await fill(gateway.url);
  const before = await gateway.memory();

  const outcomes: Outcome[] = [];
  const recoveriesMs: number[] = [];
  let isDown = false;
  let isOver = false;
  let next = 0;

  async function client(): Promise<void> {
    const connection = new HttpConnection(gateway.url);
    try {
      for (let index = next++; !isOver; index = next++) {
        const kind = index % 2 === 0 ? 'kept' : 'new';
        const id = kind === 'kept' ? pageId(index % KEPT_PAGES, BYTES) : pageId(1_000_000 + index, BYTES);
        const wasDown = isDown;
        const sentAt = performance.now();
        const answer = await connection.send(postBytes(gateway.url, pageRequest(id)));
        // While it comes up or goes down, either outcome is right.
        const isSure = wasDown === isDown;
        const outcome = {
          kind,
          isDown: wasDown,
          latencyMs: performance.now() - sentAt,
          code: codeOf(answer),
        } as const;
        if (isSure || kind === 'kept') outcomes.push(outcome);
      }
    } finally {
      connection.close();
    }
  }

  async function untilAnswered(): Promise<number> {
    const startedAt = performance.now();
    const connection = new HttpConnection(gateway.url);
    try {
      for (let attempt = 0; ; attempt++) {
        const id = pageId(2_000_000 + recoveriesMs.length * 1_000_000 + attempt, BYTES);
        const answer = await connection.send(postBytes(gateway.url, pageRequest(id)));
        if (codeOf(answer) === undefined) return performance.now() - startedAt;
        await sleep(10);
      }
    } finally {
      connection.close();
    }
  }

  const random = seededRandom(SEED);
  const clients = Promise.all(Array.from({ length: CONNECTIONS }, client));
  const endAt = performance.now() + SECONDS * 1000;
  while (performance.now() < endAt) {
    await sleep(random.integer(1_000, 3_000));
    isDown = true;
    await subgraphs[Symbol.asyncDispose]();
    await sleep(random.integer(500, 3_000));
    subgraphs = await startMeasured('bench/servers/pageSubgraphs.js', [port]);
    recoveriesMs.push(await untilAnswered());
    isDown = false;
  }
  isOver = true;
  await clients;
  await sleep(REST_MS);
  return judge(outcomes, recoveriesMs, before, await gateway.memory());
}

async function fill(url: string): Promise<void> {
  const connection = new HttpConnection(url);
  for (let index = FILL_PAGES; index >= 0; index--) {
    await connection.send(postBytes(url, pageRequest(pageId(index, BYTES))));
  }
  connection.close();
}

function codeOf({ status, body }: HttpAnswer): string | undefined {
  if (status !== 200) return String(status);
  const { errors } = JSON.parse(body.toString()) as {
    errors?: readonly { extensions?: { code?: string } }[];
  };
  return errors?.[0] === undefined ? undefined : (errors[0].extensions?.code ?? 'no code');
}

function judge(
  outcomes: readonly Outcome[],
  recoveriesMs: readonly number[],
  before: Memory,
  after: Memory,
): string {
  const row = (name: string, isIn: (outcome: Outcome) => boolean): string[] => {
    const those = outcomes.filter(isIn);
    const failed = those.filter(({ code }) => code !== undefined);
    const codes = [...new Set(failed.map(({ code }) => code))].join(', ');
    const latencies = those.map(({ latencyMs }) => latencyMs);
    return [name, String(those.length), String(failed.length), codes, p99(latencies), max(latencies)];
  };
  const rows = [
    row('in the cache, subgraphs up', ({ kind, isDown }) => kind === 'kept' && !isDown),
    row('in the cache, subgraphs down', ({ kind, isDown }) => kind === 'kept' && isDown),
    row('not in the cache, subgraphs up', ({ kind, isDown }) => kind === 'new' && !isDown),
    row('not in the cache, subgraphs down', ({ kind, isDown }) => kind === 'new' && isDown),
  ];
  const report = [
    `subgraphs killed ${recoveriesMs.length} times in ${SECONDS} s, seed ${SEED}; ${machine()}`,
    '',
    table(['reads', 'all', 'failed', 'codes', 'p99 ms', 'max ms'], rows),
    '',
    `from when the subgraphs listen again to the first answer: median ${median(recoveriesMs)} ms, at most ` +
      `${max(recoveriesMs)} ms; live memory ${decimals(before.liveBytes / MB, 1)} MB before, ` +
      `${decimals(after.liveBytes / MB, 1)} MB after; handles ${before.handles} before, ${after.handles} after`,
  ].join('\n');
  const wrong = outcomes.filter(
    ({ kind, isDown, code }) => code !== undefined && (kind === 'kept' || !isDown || !EXPECTED.has(code)),
  );
  if (wrong.length > 0)
    throw new Error(`${report}\n\n${wrong.length} wrong outcomes, the first: ${JSON.stringify(wrong[0])}`);
  if (after.liveBytes - before.liveBytes > MAX_MORE_BYTES) throw new Error(`${report}\n\na leak of memory`);
  if (after.handles - before.handles > MAX_MORE_HANDLES) throw new Error(`${report}\n\na leak of handles`);
  return report;
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const median = (values: readonly number[]): string =>
  decimals(sorted(values)[Math.floor(values.length / 2)] ?? 0, 1);
const p99 = (values: readonly number[]): string =>
  decimals(sorted(values)[Math.floor(values.length * 0.99)] ?? 0, 1);
const max = (values: readonly number[]): string => decimals(Math.max(0, ...sorted(values).slice(-1)), 1);
