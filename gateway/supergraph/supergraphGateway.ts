import type {
  GatewayExecutionResult,
  GatewayGraphQLRequestContext,
  GatewayInterface,
  GatewaySchemaLoadOrUpdateCallback,
} from '@apollo/server-gateway-interface';
import { type GraphQLSchema, parse } from 'graphql';
import type { Logger } from '../../platform/logger.js';
import type { Snapshot } from './snapshot.js';
import type { SupergraphSource } from './supergraphSource.js';

/** What became of a supergraph that was to be served. */
export type ReloadOutcome = 'adopted' | 'refused';

/** Told when another snapshot answers from now on, in the same turn; requests under way stay on the old one. */
export type AdoptionListener = (adopted: Snapshot, before: Snapshot | undefined) => void;

export interface SupergraphGatewayOptions {
  readonly source: SupergraphSource;
  /**
   * Builds and warms a snapshot, while the one in use answers.
   * @param signal aborted when nobody needs it any more
   * @throws when the text is not a usable supergraph
   */
  buildSnapshot(supergraphSdl: string, signal: AbortSignal): Promise<Snapshot>;
  /** Called before requests can see a snapshot. @throws when it cannot be served; then nobody ever sees it */
  onAdopt?(snapshot: Snapshot): void;
  execute(snapshot: Snapshot, request: GatewayGraphQLRequestContext): Promise<GatewayExecutionResult>;
  /** @param seconds from the text to when it is served, or refused */
  onReload?(outcome: ReloadOutcome, seconds: number): void;
  readonly logger: Logger;
}

export interface SupergraphGateway extends GatewayInterface {
  /** The newest snapshot; `undefined` until the first is loaded. */
  readonly current: Snapshot | undefined;
  /** @returns stops telling */
  onAdopted(listener: AdoptionListener): () => void;
}

/**
 * Puts our snapshots and execution behind Apollo Server. A request runs on the snapshot whose schema it was validated
 * against, also when a newer one has been published meanwhile. A supergraph that does not load changes nothing.
 */
export function createSupergraphGateway(options: SupergraphGatewayOptions): SupergraphGateway {
  const { source, logger, onReload } = options;
  const listeners = new Set<GatewaySchemaLoadOrUpdateCallback>();
  const adoptionListeners = new Set<AdoptionListener>();
  // Keyed by schema, since that is what Apollo Server binds a request to; goes away with the last request that uses it.
  const bySchema = new WeakMap<GraphQLSchema, Snapshot>();
  let current: Snapshot | undefined;
  const stopping = new AbortController();
  let updating: Promise<void> = Promise.resolve();

  function adopt(snapshot: Snapshot): void {
    const before = current;
    options.onAdopt?.(snapshot);
    bySchema.set(snapshot.apiSchema, snapshot);
    current = snapshot;
    for (const listener of listeners) {
      listener({ apiSchema: snapshot.apiSchema, coreSupergraphSdl: snapshot.supergraphSdl });
    }
    source.adopted?.(snapshot.supergraphSdl);
    for (const listener of adoptionListeners) tell(listener, snapshot, before);
  }

  /** The swap has happened: whoever fails at hearing of it cannot undo it. */
  function tell(listener: AdoptionListener, snapshot: Snapshot, before: Snapshot | undefined): void {
    try {
      listener(snapshot, before);
    } catch (err) {
      logger.error({ err }, 'not everybody could follow to the new supergraph');
    }
  }

  async function take(supergraphSdl: string): Promise<void> {
    const startedAt = performance.now();
    const done = (outcome: ReloadOutcome) => onReload?.(outcome, (performance.now() - startedAt) / 1000);
    try {
      const snapshot = await options.buildSnapshot(supergraphSdl, stopping.signal);
      if (stopping.signal.aborted) return;
      adopt(snapshot);
    } catch (error) {
      if (stopping.signal.aborted) throw error;
      done('refused');
      source.refused?.(supergraphSdl, error);
      throw error;
    }
    done('adopted');
  }

  async function update(supergraphSdl: string): Promise<void> {
    if (stopping.signal.aborted) return;
    try {
      await take(supergraphSdl);
      logger.info({ supergraph: current?.id }, 'serving a new supergraph');
    } catch (error) {
      if (stopping.signal.aborted) return;
      logger.error(
        { err: error, supergraph: current?.id },
        'the new supergraph cannot be used; the old one stays',
      );
    }
  }

  async function takeFirst(): Promise<void> {
    let text: string;
    try {
      text = await source.read();
    } catch (cause) {
      throw new Error(`the supergraph cannot be read from ${source.description}`, { cause });
    }
    try {
      await take(text);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const hint = hintFor(text);
      throw new Error(`${source.description} is not a supergraph that can be served${hint}: ${reason}`, {
        cause,
      });
    }
  }

  async function takeKept(failure: unknown): Promise<void> {
    const kept = await source.readKept?.();
    if (kept === undefined) throw failure;
    await take(kept).catch((err: unknown) => {
      logger.warn({ err }, 'what was kept cannot be served either');
      throw failure;
    });
    logger.warn(
      { err: failure, supergraph: current?.id },
      'starting with the supergraph that was served last',
    );
  }

  return {
    get current() {
      return current;
    },
    onAdopted(listener) {
      adoptionListeners.add(listener);
      return () => adoptionListeners.delete(listener);
    },
    onSchemaLoadOrUpdate(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    async load() {
      await takeFirst().catch(takeKept);
      source.watch(
        (text) => {
          // One after the other: what was published last is what is served in the end.
          updating = updating.then(() => update(text));
          return updating;
        },
        (error) => {
          logger.warn(
            { err: error, source: source.description },
            'the supergraph could not be looked at; the old one stays',
          );
        },
      );
      return {
        executor: async (request) => {
          const snapshot = bySchema.get(request.schema);
          if (snapshot === undefined) throw new Error('a request came with a schema that is not ours');
          return options.execute(snapshot, request);
        },
      };
    },
    async stop() {
      stopping.abort();
      await source.close();
      await updating;
      listeners.clear();
      adoptionListeners.clear();
    },
  };
}

/** What nearly everybody does first who has not seen a supergraph yet. */
function hintFor(text: string): string {
  if (text.includes('@join__')) return '';
  try {
    parse(text, { noLocation: true });
  } catch {
    return '';
  }
  return ' (it looks like the schema of a subgraph: "headgate schema compose" makes a supergraph of those)';
}
