import { z } from 'zod';
import type { SubgraphSchema } from '../../schema/composeSupergraph.js';
import { askRegistry, noRegistry, readRegistryText } from '../commands/schema/registryClient.js';

export interface RegistryLocation {
  readonly url: string;
  /** One that may read; none where the registry lets everybody. */
  readonly token: string | undefined;
}

const graphSchema = z.object({
  number: z.number(),
  subgraphs: z.array(z.object({ name: z.string(), url: z.string(), schema: z.string() })),
});

const TIMEOUT_MS = 10_000;

/** Reads the subgraphs of the graph that is served. A schema that was read once is not read again. */
export function createRegistryGraph({
  url,
  token,
}: RegistryLocation): () => Promise<readonly SubgraphSchema[]> {
  const registry = [
    { registry: url, token },
    { env: {}, timeoutMs: TIMEOUT_MS },
  ] as const;
  let texts = new Map<string, string>();

  return async () => {
    const { body } = await askRegistry('/v1/graph', undefined, ...registry);
    const graph = graphSchema.safeParse(body);
    if (!graph.success) throw noRegistry(url);
    const { number, subgraphs } = graph.data;
    const known = new Map<string, string>();
    const read = subgraphs.map(async ({ name, url: address, schema }): Promise<SubgraphSchema> => {
      // Of this very version: another one may be published meanwhile.
      const path = `/v1/schema?version=${number}&subgraph=${encodeURIComponent(name)}`;
      const typeDefs = texts.get(schema) ?? (await readRegistryText(path, ...registry));
      known.set(schema, typeDefs);
      return { name, url: address, typeDefs };
    });
    const all = await Promise.all(read);
    texts = known;
    return all;
  };
}
