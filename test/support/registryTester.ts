import path from 'node:path';
import type { z } from 'zod';
import type { Database } from '../../platform/database/database.js';
import { openDatabase } from '../../platform/database/openDatabase.js';
import { listen } from '../../platform/http/httpServer.js';
import { type Logger, silentLogger } from '../../platform/logger.js';
import { createRegistry, type Registry } from '../../schema/createRegistry.js';
import { createSigner, generateSigningKey } from '../../schema/graph/signing.js';
import { registryConfigSchema } from '../../schema/registryConfig.js';
import { REGISTRY_COLLECTIONS } from '../../schema/store/collections.js';
import { createSchemaWorker, type SchemaWorker } from '../../schema/work/schemaWorker.js';
import { federationLink } from './federationLink.js';
import { until } from './until.js';

/** The thread of the program, from the sources as they are. Close it with the suite: it takes a second to start. */
export function startTestWorker(timeoutMs = 60_000): SchemaWorker {
  return createSchemaWorker({
    program: path.join(__dirname, '../../cli/schemaWorker.ts'),
    execArgv: ['--require', path.join(__dirname, 'runTypescript.cjs')],
    timeoutMs,
    logger: silentLogger(),
  });
}

export const TOKENS = {
  admin: 'admin-token-of-tests',
  products: 'products-token-of-tests',
  reviews: 'reviews-token-of-tests',
  gateway: 'gateway-token-of-tests',
  reader: 'reader-token-of-tests',
  web: 'web-token-of-tests',
} as const;

export interface RegistryTesterOptions {
  readonly worker: SchemaWorker;
  /** @default a new embedded one, closed with the tester */
  readonly database?: Database;
  readonly config?: z.input<typeof registryConfigSchema>;
  readonly clock?: () => Date;
  readonly logger?: Logger;
}

export interface RegistryTester extends AsyncDisposable {
  readonly url: string;
  readonly registry: Registry;
  /** A request with the token of that name, with a body when there is one. */
  ask(who: keyof typeof TOKENS | 'nobody', target: string, body?: unknown): Promise<Answer>;
  /** As the team `products`, or as an administrator when it brings others. */
  publish(...subgraphs: readonly { name: string; schema: string; url?: string }[]): Promise<Answer>;
  /** Until a gateway has asked for the supergraph. */
  waits(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
  readonly headers: Headers;
}

/** A registry that listens, on a database in memory unless told otherwise. */
export async function startTestRegistry(options: RegistryTesterOptions): Promise<RegistryTester> {
  const own = options.database === undefined;
  const database = options.database ?? (await openDatabase({ name: 'registry' }));
  await database.ensure(REGISTRY_COLLECTIONS);
  const logger = options.logger ?? silentLogger();
  const config = registryConfigSchema.parse({
    tokens: [
      { name: 'ops', role: 'admin', token: TOKENS.admin },
      { name: 'team-products', role: 'team', subgraphs: ['products'], token: TOKENS.products },
      { name: 'team-reviews', role: 'team', subgraphs: ['reviews'], token: TOKENS.reviews },
      { name: 'team-web', role: 'team', clients: ['web'], token: TOKENS.web },
      { name: 'gateways', role: 'gateway', token: TOKENS.gateway },
      { name: 'guests', role: 'reader', token: TOKENS.reader },
    ],
    ...options.config,
  });
  const registry = createRegistry({
    config,
    database,
    // The thread outlives this registry: other tests of the suite use it.
    worker: { run: (job) => options.worker.run(job), close: async () => undefined },
    signer: createSigner(generateSigningKey()),
    logger,
    pollMs: 5,
    ...(options.clock && { clock: options.clock }),
  });
  const nextCalled = jest.spyOn(registry.distribution, 'next');
  const server = await listen({ port: 0, handler: registry.handler, logger });

  async function ask(who: keyof typeof TOKENS | 'nobody', target: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${server.url}${target}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(who !== 'nobody' && { authorization: `Bearer ${TOKENS[who]}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  }

  return {
    url: server.url,
    registry,
    ask,
    publish(...subgraphs) {
      const who = subgraphs.every(({ name }) => name === 'products') ? 'products' : 'admin';
      return ask(who, '/v1/publish', {
        subgraphs: subgraphs.map((one) => ({ url: `http://${one.name}:4001/graphql`, ...one })),
      });
    },
    async waits() {
      await until('a request waits for something new', () => nextCalled.mock.calls.length > 0);
    },
    async [Symbol.asyncDispose]() {
      await registry.close();
      await server.close();
      if (own) await database.close();
    },
  };
}

/** A subgraph that stands alone; `fields` are put into `Product`. */
export function productsSchema(fields = ''): string {
  return `${federationLink('@key', '@shareable', '@override')}
type Query { product(id: ID!): Product }
type Product @key(fields: "id") { id: ID! name: String ${fields} }`;
}

/** A subgraph that extends the one above. */
export function reviewsSchema(fields = ''): string {
  return `${federationLink('@key', '@shareable', '@override')}
type Product @key(fields: "id") { id: ID! reviews: [String!]! ${fields} }`;
}
