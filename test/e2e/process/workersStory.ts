import { Agent, request } from 'node:http';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import { federationLink } from '../../support/federationLink.js';
import type { HeadgateProcess, HeadgateProgram } from '../../support/headgateProgram.js';
import {
  startTestSubgraph,
  type TestSubgraph,
  type TestSubgraphContext,
} from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';

export const PAGE = '{ product(id: "p1") { price } }';
export const WORKERS = 3;
/** The least that can be configured. */
export const ACK_DEADLINE_MS = 3_000;

export interface WorkersStory extends AsyncDisposable {
  readonly process: HeadgateProcess;
  readonly url: string;
  readonly adminUrl: string;
  readonly products: TestSubgraph;
  /** Awaited by the subgraph before it answers. */
  hold: Promise<void> | undefined;
  /** Requests that the subgraph has not answered yet. */
  readonly waiting: number;
  readonly supergraphSdl: string;
  /** Process ids of all workers that were ever ready, oldest first. */
  pids(): readonly number[];
  /** Resolves when so many have been ready since the start. */
  haveBeenReady(count: number): Promise<void>;
  connect(): Connection;
}

/** One connection of a client, kept alive: all that it asks goes to one worker for as long as it lasts. */
export interface Connection {
  /** Rejects when the connection breaks. */
  ask(query: string): Promise<PageAnswer>;
  /** Reads the page. */
  price(): Promise<number>;
  setPrice(price: number): Promise<void>;
  close(): void;
}

export interface PageAnswer {
  readonly status: number;
  readonly data: { readonly product?: { readonly price: number } | null } | null;
  readonly errors?: readonly unknown[];
  /** What `x-cache` says. */
  readonly cache: string | undefined;
}

/** A gateway of three worker processes before one subgraph with one product. Its answers may be kept for long. */
export async function startWorkersStory(program: HeadgateProgram): Promise<WorkersStory> {
  let price = 0;
  const story = { hold: undefined as Promise<void> | undefined, waiting: 0 };
  const products = await startTestSubgraph({
    name: 'products',
    typeDefs: `${federationLink('@key')}
      type Query { product(id: ID!): Product }
      type Mutation { setPrice(id: ID!, price: Int!): Product }
      type Product @key(fields: "id") { id: ID! price: Int }`,
    resolvers: {
      Query: { product: (_: unknown, { id }: { id: string }) => ({ id, price }) },
      Mutation: {
        setPrice(_: unknown, args: { id: string; price: number }, { extensions }: TestSubgraphContext) {
          price = args.price;
          extensions['headgate'] = { tags: [`Product:id=${args.id}`] };
          return { id: args.id, price };
        },
      },
    },
    async intercept(_request, response, next) {
      response.setHeader('cache-control', 'max-age=600');
      story.waiting += 1;
      await story.hold;
      story.waiting -= 1;
      await next();
    },
  });
  const { supergraphSdl } = composeSupergraph([products]);
  const process = await program.start(['gateway', '--supergraph', 'graph.graphql', '--port', '0'], {
    files: {
      'graph.graphql': supergraphSdl,
      'headgate.yaml': `gateway: { idleGraceMs: 500, workerAckDeadlineMs: ${ACK_DEADLINE_MS} }`,
    },
    env: workersEnvironment(),
  });
  const [, url] = await process.says(/"url":"(\S+?)"/);
  const [, adminUrl] = await process.says(/"adminUrl":"(\S+?)"/);
  const connections = new Set<Connection>();
  const pids = () =>
    [...process.stdout.matchAll(/"workerPid":(\d+),"msg":"a worker is ready"/g)].map(([, pid]) =>
      Number(pid),
    );
  const haveBeenReady = (count: number) =>
    until(`${count} workers have been ready`, () => pids().length >= count);
  await haveBeenReady(WORKERS);
  return Object.assign(story, {
    process,
    url: url as string,
    adminUrl: adminUrl as string,
    products,
    supergraphSdl,
    pids,
    haveBeenReady,
    connect() {
      const connection = openConnection(url as string);
      connections.add(connection);
      return connection;
    },
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.close();
      await process[Symbol.asyncDispose]();
      await products.close();
    },
  });
}

export function workersEnvironment(): Record<string, string> {
  return { HEADGATE_WORKERS: String(WORKERS) };
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function openConnection(url: string): Connection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const connection: Connection = {
    ask: (query) =>
      new Promise((resolve, reject) => {
        const headers = { 'content-type': 'application/json' };
        const sent = request(url, { method: 'POST', agent, headers }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('error', reject);
          response.on('end', () => {
            const cache = response.headers['x-cache'] as string | undefined;
            resolve({ status: response.statusCode ?? 0, ...JSON.parse(text), cache });
          });
        });
        sent.on('error', reject);
        sent.end(JSON.stringify({ query }));
      }),
    async price() {
      const answer = await connection.ask(PAGE);
      const price = answer.data?.product?.price;
      if (price === undefined) throw new Error(JSON.stringify(answer));
      return price;
    },
    async setPrice(price) {
      const answer = await connection.ask(`mutation { setPrice(id: "p1", price: ${price}) { id } }`);
      if (answer.errors !== undefined) throw new Error(JSON.stringify(answer));
    },
    close: () => agent.destroy(),
  };
  return connection;
}
