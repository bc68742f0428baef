import { z } from 'zod';
import type { SubgraphSchema } from '../../schema/composeSupergraph.js';
import { CommandError, EXIT_CODES } from '../commandError.js';

export interface RegistryLocation {
  readonly url: string;
  /** One that may read; none where the registry lets everybody. */
  readonly token: string | undefined;
}

const graphSchema = z.object({
  subgraphs: z.array(z.object({ name: z.string(), url: z.string(), schema: z.string() })),
});

const TIMEOUT_MS = 10_000;

/** Reads the subgraphs of the graph that is served. A schema that was read once is not read again. */
export function createRegistryGraph({
  url,
  token,
}: RegistryLocation): () => Promise<readonly SubgraphSchema[]> {
  let texts = new Map<string, string>();

  async function ask(path: string): Promise<string> {
    let answer: Response;
    try {
      answer = await fetch(new URL(path, url.endsWith('/') ? url : `${url}/`), {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (cause) {
      throw new CommandError(`${url} cannot be reached: ${reasonOf(cause)}`, EXIT_CODES.unreachable);
    }
    if (!answer.ok) {
      const hint = answer.status === 401 ? ': give --token, or set HEADGATE_SCHEMA_TOKEN' : '';
      throw new CommandError(`${url} answered ${answer.status}${hint}`, EXIT_CODES.unreachable);
    }
    return answer.text();
  }

  return async () => {
    const { subgraphs } = graphSchema.parse(JSON.parse(await ask('v1/graph')));
    const known = new Map<string, string>();
    const read = subgraphs.map(async ({ name, url: address, schema }): Promise<SubgraphSchema> => {
      const typeDefs = texts.get(schema) ?? (await ask(`v1/schema?subgraph=${encodeURIComponent(name)}`));
      known.set(schema, typeDefs);
      return { name, url: address, typeDefs };
    });
    const all = await Promise.all(read);
    texts = known;
    return all;
  };
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
