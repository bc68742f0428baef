import type { Logger } from '../../platform/logger.js';
import type { ArtefactStore } from '../store/artefacts.js';
import { type GraphStore, isComposed } from '../store/graphStore.js';
import type { ComposedVersion } from '../store/version.js';
import { createFollowed, type Followed, type Given } from './followed.js';

/** The revision grows whenever another version is served, also an older one. */
export interface ServedSupergraph extends Given {
  readonly version: number;
  readonly sdl: string;
}

export interface DistributionOptions {
  readonly graph: GraphStore;
  readonly artefacts: ArtefactStore;
  /** How often the database is asked while somebody waits: another process of the registry may have published. */
  readonly pollMs: number;
  readonly logger: Logger;
}

/** The supergraph that gateways get; `undefined` while nothing has been published. */
export type Distribution = Followed<ServedSupergraph>;

export function createDistribution({ graph, artefacts, pollMs, logger }: DistributionOptions): Distribution {
  // Versions never change, so the last one that was read stays good for as long as it is served.
  let cached: Omit<ServedSupergraph, 'revision'> | undefined;

  return createFollowed({
    async current() {
      const { serving, revision } = await graph.state();
      if (serving === null) return undefined;
      let known = cached;
      if (known?.version !== serving) {
        const version = (await graph.version(serving)) as ComposedVersion | null;
        if (!isComposed(version)) throw new Error(`version ${serving} is served, and was never composed`);
        known = {
          version: serving,
          hash: version.supergraph,
          sdl: await artefacts.get(version.supergraph),
        };
        cached = known;
      }
      return { ...known, revision };
    },
    revision: async () => (await graph.state()).revision,
    pollMs,
    logger,
  });
}
