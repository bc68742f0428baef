import { type DocumentNode, execute, parse } from 'graphql';
import { listen } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import { createLogger, silentLogger } from '../../platform/logger.js';
import {
  SUBGRAPH_TYPE_DEFS,
  type SubgraphName,
  subgraphRoot,
  subgraphSchema,
} from '../execution/catalogue.js';

/**
 * The subgraphs of the execution benchmark in one process. Each answer is worked out once and sent from memory from
 * then on, so that next to nothing of the machine goes to them.
 * @param maxAge what their answers say of how long they may be kept, in seconds; 0 says nothing
 */
async function main(maxAge: number): Promise<void> {
  const schemas = new Map(
    Object.keys(SUBGRAPH_TYPE_DEFS).map((name) => [`/${name}`, subgraphSchema(name as SubgraphName)]),
  );
  const documents = new Map<string, DocumentNode>();
  const answers = new Map<string, Buffer>();

  async function answer(path: string, body: string): Promise<Buffer> {
    const schema = schemas.get(path);
    if (schema === undefined) throw new Error(`there is no subgraph at ${path}`);
    const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
    const document = documents.get(query) ?? parse(query);
    documents.set(query, document);
    const result = await execute({ schema, document, rootValue: subgraphRoot, variableValues: variables });
    return Buffer.from(JSON.stringify(result));
  }

  const server = await listen({
    port: 0,
    logger: silentLogger(),
    async handler(request, response) {
      const body = (await readBody(request, 10_000_000)).toString('latin1');
      const key = `${request.url} ${body}`;
      let bytes = answers.get(key);
      if (bytes === undefined) {
        bytes = await answer(request.url ?? '', body);
        answers.set(key, bytes);
      }
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': bytes.length,
        ...(maxAge > 0 && { 'cache-control': `public, max-age=${maxAge}` }),
      });
      response.end(bytes);
    },
  });
  createLogger({ name: 'subgraphs', format: 'json' }).info({ url: server.url }, 'the subgraphs answer');
}

void main(Number(process.argv[2]));
