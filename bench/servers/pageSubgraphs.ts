import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DocumentNode, execute, type GraphQLSchema, parse } from 'graphql';
import { listen } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import { createLogger, silentLogger } from '../../platform/logger.js';
import { ITEMS_SCHEMA, itemIds, SHELVES_SCHEMA, textOf } from '../cache/pages.js';

interface Reference {
  readonly id: string;
}

const withText = ({ id }: Reference) => ({ __typename: 'Item', id, text: textOf(id) });

const SCHEMAS: Readonly<Record<string, GraphQLSchema>> = {
  '/shelves': buildSubgraphSchema({
    typeDefs: parse(SHELVES_SCHEMA),
    resolvers: {
      Query: {
        page(_: unknown, { id }: Reference) {
          if (id.startsWith('bad')) throw new Error('there is no such page');
          return { id, text: textOf(id) };
        },
        shelf: (_: unknown, { id }: Reference) => ({ id, items: itemIds(id).map((item) => ({ id: item })) }),
      },
    },
  }),
  '/items': buildSubgraphSchema({
    typeDefs: parse(ITEMS_SCHEMA),
    resolvers: { Item: { __resolveReference: withText } },
  }),
};

/** Both subgraphs of the cache benchmark in one process. Everything they answer may be kept for an hour. */
async function main(): Promise<void> {
  const documents = new Map<string, DocumentNode>();
  const server = await listen({
    port: Number(process.argv[2] ?? 0),
    logger: silentLogger(),
    async handler(request, response) {
      const { query, variables } = JSON.parse((await readBody(request, 10_000_000)).toString()) as {
        query: string;
        variables: Record<string, unknown>;
      };
      const document = documents.get(query) ?? parse(query);
      documents.set(query, document);
      const schema = SCHEMAS[request.url ?? ''] as GraphQLSchema;
      const body = JSON.stringify(await execute({ schema, document, variableValues: variables }));
      response.writeHead(200, {
        'content-type': 'application/json',
        'cache-control': 'public, max-age=3600',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    },
  });
  createLogger({ name: 'pages', format: 'json' }).info({ url: server.url }, 'the subgraphs answer');
}

void main();
