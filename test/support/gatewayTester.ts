import type { GraphQLFormattedError } from 'graphql';
import { type GatewayConfigInput, gatewayConfigSchema } from '../../gateway/config.js';
import { startGateway } from '../../gateway/startGateway.js';
import { createStaticSource, type StaticSource } from '../../gateway/supergraph/staticSource.js';
import { type Logger, silentLogger } from '../../platform/logger.js';
import { composeSupergraph } from '../../schema/composeSupergraph.js';
import { type PrometheusSample, parsePrometheus } from './parsePrometheus.js';
import { startTestSubgraph, type TestSubgraph, type TestSubgraphDefinition } from './testSubgraph.js';

export interface GraphQLAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Record<string, unknown>;
}

export interface GatewayTesterOptions {
  readonly subgraphs: readonly TestSubgraphDefinition[];
  /** Instead of composing the subgraphs; `{name}` stands for the URL of the subgraph of that name. */
  readonly supergraphSdl?: string;
  readonly config?: GatewayConfigInput;
  readonly logger?: Logger;
}

export interface GatewayTester extends AsyncDisposable {
  readonly url: string;
  readonly adminUrl: string;
  readonly supergraphSdl: string;
  readonly source: StaticSource;
  subgraph(name: string): TestSubgraph;
  /** What the metric of this name tells now. */
  samples(name: string): Promise<readonly PrometheusSample[]>;
  /** As a signal does; its subgraphs go on. */
  stopGateway(): Promise<void>;
  query(
    query: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<GraphQLAnswer>;
}

/** A whole gateway before whole subgraphs, all on real ports, composed for real. Dispose of it with `await using`. */
export async function startGatewayTester(options: GatewayTesterOptions): Promise<GatewayTester> {
  const subgraphs = await Promise.all(options.subgraphs.map(startTestSubgraph));
  const closeSubgraphs = () => Promise.all(subgraphs.map((subgraph) => subgraph.close()));
  try {
    return await startBefore(subgraphs, closeSubgraphs, options);
  } catch (error) {
    await closeSubgraphs();
    throw error;
  }
}

async function startBefore(
  subgraphs: readonly TestSubgraph[],
  closeSubgraphs: () => Promise<unknown>,
  options: GatewayTesterOptions,
): Promise<GatewayTester> {
  const supergraphSdl = options.supergraphSdl
    ? subgraphs.reduce((sdl, { name, url }) => sdl.replaceAll(`{${name}}`, url), options.supergraphSdl)
    : composeSupergraph(subgraphs).supergraphSdl;
  const source = createStaticSource(supergraphSdl);
  const gateway = await startGateway({
    config: gatewayConfigSchema.parse({
      introspection: true,
      admin: { port: 0 },
      ...options.config,
      port: 0,
    }),
    source,
    logger: options.logger ?? silentLogger(),
  });
  const url = `${gateway.url}/graphql`;
  let stopped: Promise<void> | undefined;
  const stopOnce = (): Promise<void> => {
    stopped ??= gateway.stop();
    return stopped;
  };
  return {
    url,
    adminUrl: gateway.adminUrl,
    supergraphSdl,
    source,
    subgraph(name) {
      const found = subgraphs.find((subgraph) => subgraph.name === name);
      if (!found) throw new Error(`there is no subgraph ${name}`);
      return found;
    },
    async query(query, variables, headers) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return { status: response.status, headers: response.headers, ...((await response.json()) as object) };
    },
    async samples(name) {
      const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
      return parsePrometheus(text).get(name)?.samples ?? [];
    },
    stopGateway: stopOnce,
    async [Symbol.asyncDispose]() {
      await stopOnce();
      await closeSubgraphs();
    },
  };
}
