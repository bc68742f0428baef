import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type GatewayConfigInput, gatewayConfigSchema } from '../../../gateway/config.js';
import { type RunningGateway, startGateway } from '../../../gateway/startGateway.js';
import { createConfiguredSource } from '../../../gateway/supergraph/configuredSource.js';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import type { FakeRegistry } from '../../support/fakeRegistry.js';
import { recordingLogger } from '../../support/recordingLogger.js';
import type { TestSubgraph } from '../../support/testSubgraph.js';

/** Where a gateway keeps what it served last. */
export async function temporaryCacheFile() {
  const folder = await mkdtemp(path.join(tmpdir(), 'headgate-kept-'));
  return {
    file: path.join(folder, 'supergraph.json'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

export interface RegistryGateway extends AsyncDisposable {
  readonly url: string;
  readonly lines: readonly Record<string, unknown>[];
  query(query: string, headers?: Record<string, string>): Promise<Record<string, unknown>>;
  ready(): Promise<Record<string, unknown>>;
  metrics(): Promise<string>;
}

/** A gateway that is configured with a registry, and nothing else. */
export async function startRegistryGateway(
  registry: Pick<FakeRegistry, 'connection'>,
  cacheFile: string,
  config: GatewayConfigInput = {},
): Promise<RegistryGateway> {
  const { logger, lines } = recordingLogger();
  const parsed = gatewayConfigSchema.parse({
    port: 0,
    admin: { port: 0 },
    introspection: true,
    ...config,
    registry: { ...registry.connection, cacheFile, timeoutMs: 1_000, ...config.registry },
  });
  const gateway: RunningGateway = await startGateway({
    config: parsed,
    source: createConfiguredSource(parsed, logger),
    logger,
  });
  const readJson = async (url: string) => (await (await fetch(url)).json()) as Record<string, unknown>;
  return {
    url: gateway.url,
    lines,
    async query(query, headers) {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as Record<string, unknown>;
    },
    ready: () => readJson(`${gateway.url}/health/ready`),
    metrics: async () => (await fetch(`${gateway.adminUrl}/metrics`)).text(),
    [Symbol.asyncDispose]: () => gateway.stop(),
  };
}

/** The supergraph of one subgraph, whose types have this version as their description. */
export function graphOf(subgraph: TestSubgraph, version: string, fields = ''): string {
  return composeSupergraph([{ ...subgraph, typeDefs: markedTypes(version, fields) }]).supergraphSdl;
}

/** What the graph says of itself, so that an answer tells which graph it came from. */
export const VERSION_QUERY = '{ __type(name: "Product") { description } product { name } }';

export function markedTypes(version: string, fields = ''): string {
  return `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@override", "@shareable"])
    type Query { product: Product }
    "${version}" type Product @key(fields: "id") { id: ID! name: String ${fields} }`;
}

export function versionIn(answer: Record<string, unknown>): string | undefined {
  const data = answer['data'] as { __type?: { description?: string } } | undefined;
  return data?.__type?.description;
}
