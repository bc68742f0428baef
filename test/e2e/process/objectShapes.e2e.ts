import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import { federationLink } from '../../support/federationLink.js';
import { compileHeadgate } from '../../support/headgateProgram.js';
import { startTestSubgraph, type TestSubgraphDefinition } from '../../support/testSubgraph.js';

const books: TestSubgraphDefinition = {
  name: 'books',
  typeDefs: `${federationLink('@key')}
    type Query { book(id: ID!): Book }
    type Book @key(fields: "id") { id: ID! title: String! }`,
  resolvers: {
    Query: { book: (_: unknown, { id }: { id: string }) => ({ id, title: `Book ${id}` }) },
  },
};
const stock: TestSubgraphDefinition = {
  name: 'stock',
  typeDefs: `${federationLink('@key')}
    type Book @key(fields: "id") { id: ID! copies: Int! }`,
  resolvers: { Book: { copies: () => 1 } },
};
const BOOKS = 400;
const WAYS = 3;
/** Node's own, of signals that abort, of events, and of whatever it keeps under a symbol. */
const OF_NODE =
  /^(?:aborted|throwIfAborted|addEventListener|removeEventListener|constructor|symbol\("k[A-Z].*)$/;

/**
 * Lines of V8's log: `LoadIC,address,µs since it began,line,column,state before,state after,shape,name,…`. `N` is a place
 * in the code that has met too many shapes to remember them.
 */
const FORGETFUL = /^(?:Keyed)?(?:Load|Store)IC,[^,]*,(\d+),(\d+,\d+),N,N,(0x[0-9a-f]+),([^,]+),/;

/** Places that met a shape which they had never met before with about each request. */
function everNewShapes(log: string, fromMs: number): string[] {
  const shapes = new Map<string, Set<string>>();
  for (const line of log.split('\n')) {
    const [, us, where, shape = '', name = ''] = FORGETFUL.exec(line) ?? [];
    if (us === undefined || Number(us) < fromMs * 1000 || OF_NODE.test(name)) continue;
    const place = `${name} (${where})`;
    shapes.set(place, (shapes.get(place) ?? new Set()).add(shape));
  }
  return [...shapes].flatMap(([place, met]) => (met.size > BOOKS / 2 ? [place] : []));
}

const [major = 0, minor = 0] = process.versions.v8.split('.').map(Number);
/** Mended in V8 11.7, which Node 20 does not have. */
const itWhereItMatters = major < 11 || (major === 11 && minor < 7) ? it : it.skip;

describe('objects of requests', () => {
  itWhereItMatters(
    'have no shape of their own, which the engine would look up the slow way wherever it meets them',
    async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'headgate-shapes-'));
      const logFile = path.join(folder, 'v8.log');
      try {
        await using headgate = await compileHeadgate();
        const subgraphs = await Promise.all([books, stock].map(startTestSubgraph));
        await using _stopped = {
          [Symbol.asyncDispose]: async () => void (await Promise.all(subgraphs.map((one) => one.close()))),
        };
        const files = {
          'graph.graphql': composeSupergraph(subgraphs).supergraphSdl,
          'headgate.yaml': 'gateway: { subgraphs: { all: { cache: { defaultTtlMs: 60000 } } } }',
        };
        const startedAt = performance.now();
        await using gateway = await headgate.start(
          ['gateway', '--supergraph', 'graph.graphql', '--port', '0'],
          {
            files,
            nodeOptions: ['--log-ic', `--logfile=${logFile}`, '--no-logfile-per-isolate'],
          },
        );
        const [, url] = (await gateway.says(/"url":"(\S+?)"/)) as unknown as [string, string];
        // What is loaded until then has as many shapes as there are modules.
        const loadedAfterMs = performance.now() - startedAt;
        const seen: (string | null)[] = [];
        for (let request = 0; request < WAYS * BOOKS; request++) {
          const id = request % BOOKS;
          // The second time from whole responses, the third from entities.
          const spaces = ' '.repeat(request < 2 * BOOKS ? 0 : 1);
          const answer = await fetch(url, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: `{"query":"query($id: ID!) { book(id: $id) { title copies } }"${spaces},"variables":{"id":"${id}"}}`,
          });
          expect(await answer.json()).toEqual({ data: { book: { title: `Book ${id}`, copies: 1 } } });
          if (id === BOOKS - 1) seen.push(answer.headers.get('x-cache'));
        }
        expect(seen).toEqual(['miss; stored', 'hit; tier=memory', 'miss; stored']);
        // The third time all of it came from entities.
        expect(subgraphs.map(({ received }) => received.length)).toEqual([BOOKS, BOOKS]);
        gateway.signal('SIGTERM');
        await gateway.exited;
        const log = await readFile(logFile, 'utf8');
        expect(log).toContain('LoadIC,');
        expect(everNewShapes(log, loadedAfterMs)).toEqual([]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});
