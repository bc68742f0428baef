import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';

/**
 * Hive Gateway with its Rust query planner. `node hiveGateway.mjs FILE plain|default`: with `plain`, equal requests to
 * subgraphs do not wait for one answer, as they do by default.
 */
const [file, setting] = process.argv.slice(2);
const runtime = createGatewayRuntime({
  supergraph: readFileSync(file, 'utf8'),
  unifiedGraphHandler,
  ...(setting === 'plain' && {
    transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } },
  }),
  graphiql: false,
  landingPage: false,
  logging: false,
});
const server = createServer(runtime);
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}/graphql`;
  process.stdout.write(`${JSON.stringify({ url })}\n`);
});
process.once('SIGTERM', () => process.exit());
