import type { SupergraphSource } from '../../gateway/supergraph/supergraphSource.js';
import { composeSupergraph, type SubgraphSchema } from '../../schema/composeSupergraph.js';
import { readLocalSchema } from './readLocalSchema.js';

export interface LocalSubgraph {
  readonly name: string;
  readonly url: string;
}

export interface OverlaySourceOptions {
  /** Reads the subgraphs of the running graph. */
  readonly running: () => Promise<readonly SubgraphSchema[]>;
  readonly local: readonly LocalSubgraph[];
  /** How often the local schemas and the running graph are looked at. @default 1000 */
  readonly pollMs?: number;
}

/**
 * The running graph with local subgraphs in place of those of the same names, or beside them. It is composed here and
 * published nowhere; when a schema changes, it is composed again, and what does not compose changes nothing.
 */
export function createOverlaySource(options: OverlaySourceOptions): SupergraphSource {
  const { running, local, pollMs = 1_000 } = options;
  let input: string | undefined;
  let known = '';
  let failure: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function compose(): Promise<string> {
    const [others, own] = await Promise.all([
      running(),
      Promise.all(
        local.map(async ({ name, url }) => ({ name, url, typeDefs: await readLocalSchema(name, url) })),
      ),
    ]);
    const all = [...others.filter(({ name }) => !own.some((mine) => mine.name === name)), ...own];
    // Composing takes far longer than comparing what it would begin with.
    const next = JSON.stringify(all);
    if (next !== input) {
      known = composeSupergraph(all).supergraphSdl;
      input = next;
    }
    return known;
  }

  return {
    description: `the running graph with ${local.map(({ name, url }) => `${name} at ${url}`).join(', ')}`,
    read: compose,
    watch(onChange, onFailure) {
      const look = async () => {
        const before = known;
        try {
          const text = await compose();
          failure = undefined;
          if (!closed && text !== before) await onChange(text);
        } catch (error) {
          const said = String(error);
          // Once, not each second until it is mended.
          if (!closed && said !== failure) onFailure(error);
          failure = said;
        }
      };
      const schedule = () => {
        timer = setTimeout(() => void look().finally(() => closed || schedule()), pollMs);
        timer.unref();
      };
      schedule();
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
