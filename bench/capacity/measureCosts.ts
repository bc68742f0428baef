import { composeSupergraph } from '../../schema/composeSupergraph.js';
import { ITEMS_SCHEMA, pageId, SHELVES_SCHEMA, shelfAnswer, shelfRequest } from '../cache/pages.js';
import { exactLoad, medianOf } from '../support/exactLoad.js';
import { startGatewayProcess } from '../support/gatewayProcess.js';
import { type HttpAnswer, headerOf, postBytes } from '../support/httpConnection.js';
import { type MeasuredProcess, startMeasured } from '../support/measuredProcess.js';

const CONNECTIONS = 16;
const KEYS = 200;
/** Of a shelf and its 20 items, which a second subgraph has. */
export const ANSWER_BYTES = 10_000;

/** CPU time of a gateway per request, in ms. */
export interface Costs {
  /** Whole responses from memory. */
  readonly hit: number;
  /** Answers put together from entities in the cache. */
  readonly entityHit: number;
  /** One that asks subgraphs. */
  readonly miss: number;
}

/** One question three ways: its answer kept whole, put together from kept entities, and fetched from two subgraphs. */
export async function measureCosts(seconds: number, rounds: number): Promise<Costs> {
  await using subgraphs = await startMeasured('bench/servers/pageSubgraphs.js', []);
  const { supergraphSdl } = composeSupergraph([
    { name: 'shelves', url: `${subgraphs.url}/shelves`, typeDefs: SHELVES_SCHEMA },
    { name: 'items', url: `${subgraphs.url}/items`, typeDefs: ITEMS_SCHEMA },
  ]);
  await using keeping = await startGatewayProcess({ supergraphSdl });
  await using asking = await startGatewayProcess({
    supergraphSdl,
    config: { subgraphs: { all: { cache: { enabled: false } } } },
  });
  const ids = Array.from({ length: KEYS }, (_, index) => pageId(index, ANSWER_BYTES));
  const expected = ids.map(shelfAnswer);
  const cost = async (server: MeasuredProcess, requests: readonly Buffer[], isHit: boolean) => {
    const isRight = (answer: HttpAnswer, index: number) =>
      answer.status === 200 && answer.body.equals(expected[index] as Buffer);
    const load = (until: { requests: number } | { seconds: number }, asExpected: typeof isRight) =>
      exactLoad({
        ...{ url: server.url, requests, connections: CONNECTIONS, until },
        ...{ measured: server, isRight: asExpected },
      });
    await load({ requests: 2 * KEYS }, isRight);
    const results = [];
    for (let round = 0; round <= rounds; round++) {
      const result = await load(
        { seconds: seconds / rounds },
        (answer, index) =>
          isRight(answer, index) && (headerOf(answer, 'x-cache')?.startsWith('hit') ?? false) === isHit,
      );
      // The first round warms up.
      if (round > 0) results.push(result);
    }
    return medianOf(results).cpuUsPerRequest / 1000;
  };
  return {
    hit: await cost(
      keeping,
      ids.map((id) => postBytes(keeping.url, shelfRequest(id))),
      true,
    ),
    entityHit: await cost(keeping, alwaysOthers(keeping.url, ids), false),
    miss: await cost(asking, alwaysOthers(asking.url, ids), false),
  };
}

/** Each request is another one than all before, however often the list is gone through, and means the same. */
function alwaysOthers(url: string, ids: readonly string[]): readonly Buffer[] {
  let variant = 0;
  const requests = ids.map(() => Buffer.alloc(0));
  for (const [index, id] of ids.entries()) {
    Object.defineProperty(requests, index, { get: () => postBytes(url, shelfRequest(id, variant++)) });
  }
  return requests;
}
