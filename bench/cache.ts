import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { composeSupergraph } from '../schema/composeSupergraph.js';
import { startTestIssuer } from '../test/support/testIssuer.js';
import {
  ITEMS_SCHEMA,
  pageAnswer,
  pageId,
  pageRequest,
  SHELVES_SCHEMA,
  shelfAnswer,
  shelfRequest,
} from './cache/pages.js';
import { type ExactLoadResult, exactLoad, medianOf, middle } from './support/exactLoad.js';
import { startGatewayProcess } from './support/gatewayProcess.js';
import { type HttpAnswer, headerOf, postBytes } from './support/httpConnection.js';
import { type MeasuredProcess, startMeasured } from './support/measuredProcess.js';
import { decimals, machine, table } from './support/table.js';

const CONNECTIONS = 16;
/** Many short turns: a virtual machine is a third slower for half a minute now and then, and no turn should be alone in that. */
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 15);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15) / ROUNDS;
/** 10,000 of 100 KB would be a gigabyte on each side. */
const SIZES = [
  { bytes: 1_000, keys: 10_000 },
  { bytes: 10_000, keys: 10_000 },
  { bytes: 100_000, keys: 1_000 },
];
/** Of different people, by turns. */
const TOKENS = 100;
/** All keys of a size have to fit, or evictions would be measured; an entry takes its bytes up to three times. */
const MEMORY_BYTES = 1024 * 1024 * 1024;

/** One kind of request to one server, with what each of its answers has to be. */
interface Contender {
  readonly name: string;
  readonly server: MeasuredProcess;
  readonly requests: readonly Buffer[];
  isRight(answer: HttpAnswer, index: number): boolean;
}

interface Compared extends ExactLoadResult {
  /** Requests per second, and requests per second of CPU, as parts of those of the first contender. */
  readonly ofFirst: number;
  readonly ofFirstPerCpu: number;
}

/** Contenders take turns, so that whatever else the machine does hits all alike. */
async function alternate(contenders: readonly Contender[]): Promise<Compared[]> {
  const rounds = contenders.map((): ExactLoadResult[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, { server, requests, isRight }] of contenders.entries()) {
      const result = await exactLoad({
        url: server.url,
        requests,
        connections: CONNECTIONS,
        until: { seconds: SECONDS },
        measured: server,
        isRight,
      });
      // The first round warms up.
      if (round > 0) rounds[index]?.push(result);
    }
  }
  return rounds.map((results) => compare(results, rounds[0] as ExactLoadResult[]));
}

/** Each turn with that of the first in the same round: the middle of ratios, not the ratio of two middles. */
function compare(results: readonly ExactLoadResult[], first: readonly ExactLoadResult[]): Compared {
  const ratios = results.map((result, round) => {
    const floor = first[round] as ExactLoadResult;
    return {
      ofFirst: result.requestsPerSecond / floor.requestsPerSecond,
      ofFirstPerCpu: floor.cpuUsPerRequest / result.cpuUsPerRequest,
    };
  });
  return {
    ...medianOf(results),
    ofFirst: middle(ratios.map(({ ofFirst }) => ofFirst)),
    ofFirstPerCpu: middle(ratios.map(({ ofFirstPerCpu }) => ofFirstPerCpu)),
  };
}

function supergraph(subgraphs: MeasuredProcess): string {
  return composeSupergraph([
    { name: 'shelves', url: `${subgraphs.url}/shelves`, typeDefs: SHELVES_SCHEMA },
    { name: 'items', url: `${subgraphs.url}/items`, typeDefs: ITEMS_SCHEMA },
  ]).supergraphSdl;
}

/** Asks for every key twice: the second answers must come from the cache, and are those to expect from then on. */
async function warm(
  url: string,
  requests: readonly Buffer[],
  isRight: (answer: HttpAnswer, index: number) => boolean,
): Promise<HttpAnswer[]> {
  const answers: HttpAnswer[] = [];
  const pass = { url, requests, connections: CONNECTIONS, until: { requests: requests.length } };
  await exactLoad({ ...pass, isRight });
  await exactLoad({
    ...pass,
    isRight(answer, index) {
      answers[index] = { ...answer, body: Buffer.from(answer.body) };
      return headerOf(answer, 'x-cache') === 'hit; tier=memory' && isRight(answer, index);
    },
  });
  return answers;
}

async function responseHits({ bytes, keys }: { bytes: number; keys: number }): Promise<string[][]> {
  const ids = Array.from({ length: keys }, (_, index) => pageId(index, bytes));
  const expected = ids.map(pageAnswer);
  await using subgraphs = await startMeasured('bench/servers/pageSubgraphs.js', []);
  await using plain = await startMeasured('bench/servers/pageServer.js', [String(keys), String(bytes)]);
  await using gateway = await startGatewayProcess({
    supergraphSdl: supergraph(subgraphs),
    config: { cache: { memoryBytes: MEMORY_BYTES } },
  });
  const requestsWith = (url: string, headers: (index: number) => Record<string, string> = () => ({})) =>
    ids.map((id, index) => postBytes(url, pageRequest(id), headers(index)));
  const isPlain = (answer: HttpAnswer, index: number) =>
    answer.status === 200 && answer.body.equals(expected[index] as Buffer);

  const requests = requestsWith(gateway.url);
  const etags = (await warm(gateway.url, requests, isPlain)).map(
    (answer) => headerOf(answer, 'etag') as string,
  );
  const contenders: Contender[] = [
    { name: 'plain node:http', server: plain, requests: requestsWith(plain.url), isRight: isPlain },
    { name: 'gateway, hit', server: gateway, requests, isRight: isPlain },
    {
      name: 'gateway, If-None-Match',
      server: gateway,
      requests: requestsWith(gateway.url, (index) => ({ 'if-none-match': etags[index] as string })),
      isRight: (answer) => answer.status === 304,
    },
  ];
  const decompressors = { gzip: gunzipSync, br: brotliDecompressSync };
  for (const [encoding, decompress] of Object.entries(decompressors)) {
    const encoded = requestsWith(gateway.url, () => ({ 'accept-encoding': encoding }));
    const isDecodable = (answer: HttpAnswer, index: number) =>
      headerOf(answer, 'content-encoding') === encoding &&
      decompress(answer.body).equals(expected[index] as Buffer);
    const answers = await warm(gateway.url, encoded, isDecodable);
    contenders.push({
      name: `gateway, ${encoding}`,
      server: gateway,
      requests: encoded,
      isRight: (answer, index) => answer.body.equals(answers[index]?.body as Buffer),
    });
  }
  await using issuer = await startTestIssuer();
  await using withTokens = await startGatewayProcess({
    supergraphSdl: supergraph(subgraphs),
    config: {
      cache: { memoryBytes: MEMORY_BYTES },
      identity: { jwt: issuer.jwtConfig },
      // Public pages: kept once for everybody, and served to whoever shows a token that holds.
      subgraphs: { all: { forwardIdentity: false } },
    },
  });
  const tokens = await Promise.all(
    Array.from({ length: TOKENS }, (_, index) => issuer.token(`user-${index}`, { expiresIn: 3_600 })),
  );
  const authorised = requestsWith(withTokens.url, (index) => ({
    authorization: `Bearer ${tokens[index % TOKENS]}`,
  }));
  await warm(withTokens.url, authorised, isPlain);
  contenders.splice(2, 0, {
    name: 'gateway, hit with a JWT',
    server: withTokens,
    requests: authorised,
    isRight: isPlain,
  });
  const results = await alternate(contenders);
  return contenders.map(({ name }, index) => {
    const result = results[index] as Compared;
    return [
      name,
      `${bytes / 1_000} KB × ${keys}`,
      ...figures(result),
      decimals(result.ofFirst, 2),
      decimals(result.ofFirstPerCpu, 2),
    ];
  });
}

/** The response grain is passed by on purpose: each request has other bytes, and means the same. */
async function entityHits({ bytes }: { bytes: number }): Promise<string[][]> {
  const keys = 200;
  const variants = 50;
  const ids = Array.from({ length: keys }, (_, index) => pageId(index, bytes));
  const expected = ids.map(shelfAnswer);
  await using subgraphs = await startMeasured('bench/servers/pageSubgraphs.js', []);
  const supergraphSdl = supergraph(subgraphs);
  const small = { cache: { memoryBytes: 64 * 1024 * 1024 } };
  await using cached = await startGatewayProcess({ supergraphSdl, config: small });
  await using uncached = await startGatewayProcess({
    supergraphSdl,
    config: { ...small, subgraphs: { all: { cache: { enabled: false } } } },
  });
  let variant = 0;
  const requestsFor = (url: string) => {
    const requests: Buffer[] = [];
    // As a getter, each request is another one than all before, however often the list is gone through.
    for (let index = 0; index < keys * variants; index++) {
      const id = ids[index % keys] as string;
      Object.defineProperty(requests, index, { get: () => postBytes(url, shelfRequest(id, variant++)) });
    }
    return requests;
  };
  const isRight = (answer: HttpAnswer, index: number) =>
    answer.status === 200 &&
    !headerOf(answer, 'x-cache')?.startsWith('hit') &&
    answer.body.equals(expected[index % keys] as Buffer);
  const contenders: Contender[] = [
    { name: 'no cache', server: uncached, requests: requestsFor(uncached.url), isRight },
    { name: 'entities from memory', server: cached, requests: requestsFor(cached.url), isRight },
  ];
  const results = await alternate(contenders);
  return contenders.map(({ name }, index) => {
    const result = results[index] as ExactLoadResult;
    return [name, `${bytes / 1_000} KB`, ...figures(result)];
  });
}

function figures(result: ExactLoadResult): string[] {
  return [
    decimals(result.requestsPerSecond, 0),
    decimals(result.p99Ms, 1),
    decimals(result.cpuUsPerRequest, 1),
  ];
}

/** Hits of both grains: whole responses beside a server that has nothing to decide, entities beside no cache. */
export async function benchCache(): Promise<string> {
  const responses: string[][] = [];
  const entities: string[][] = [];
  for (const size of SIZES) responses.push(...(await responseHits(size)));
  for (const size of SIZES) entities.push(...(await entityHits(size)));
  return [
    `Response cache, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds in which all take turns (the last two columns: of the ratios of each round), ${machine()}`,
    '',
    table(
      [
        'server',
        'answer × keys',
        'requests/s',
        'p99 ms',
        'CPU µs/request',
        'of plain, requests/s',
        'of plain, per CPU',
      ],
      responses,
    ),
    '',
    'A shelf of 20 entities from a second subgraph; no request equals another, so no whole response is found',
    '',
    table(['gateway', 'answer', 'requests/s', 'p99 ms', 'CPU µs/request'], entities),
  ].join('\n');
}
