import '../../cli/telemetryOff.js';
import { readFileSync } from 'node:fs';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { createLogger } from '../../platform/logger.js';

/** Stock `@apollo/gateway` on `@apollo/server`, as its documentation starts it. @param file the supergraph */
async function main(file: string): Promise<void> {
  const gateway = new ApolloGateway({ supergraphSdl: readFileSync(file, 'utf8') });
  const { url } = await startStandaloneServer(new ApolloServer({ gateway }), {
    listen: { host: '127.0.0.1', port: 0 },
  });
  createLogger({ name: 'apollo', format: 'json' }).info({ url }, 'the gateway answers');
}

void main(process.argv[2] as string);
