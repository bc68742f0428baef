import type {
  GatewayExecutionResult,
  GatewayGraphQLRequestContext,
  GatewayInterface,
  GatewaySchemaLoadOrUpdateCallback,
} from '@apollo/server-gateway-interface';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from '../../platform/logger.js';
import type { Snapshot } from './snapshot.js';
import type { SupergraphSource } from './supergraphSource.js';

export interface SupergraphGatewayOptions {
  readonly source: SupergraphSource;
  /** @throws when the text is not a usable supergraph */
  buildSnapshot(supergraphSdl: string): Snapshot;
  /** Called before requests can see a snapshot. @throws when it cannot be served; then nobody ever sees it */
  onAdopt?(snapshot: Snapshot): void;
  execute(snapshot: Snapshot, request: GatewayGraphQLRequestContext): Promise<GatewayExecutionResult>;
  readonly logger: Logger;
}

export interface SupergraphGateway extends GatewayInterface {
  /** The newest snapshot; `undefined` until the first is loaded. */
  readonly current: Snapshot | undefined;
}

/**
 * Puts our snapshots and execution behind Apollo Server. A request runs on the snapshot whose schema it was validated
 * against, also when a newer one has been published meanwhile. A supergraph that does not load changes nothing.
 */
export function createSupergraphGateway(options: SupergraphGatewayOptions): SupergraphGateway {
  const { source, logger } = options;
  const listeners = new Set<GatewaySchemaLoadOrUpdateCallback>();
  // Keyed by schema, since that is what Apollo Server binds a request to; goes away with the last request that uses it.
  const bySchema = new WeakMap<GraphQLSchema, Snapshot>();
  let current: Snapshot | undefined;

  function adopt(snapshot: Snapshot): void {
    options.onAdopt?.(snapshot);
    bySchema.set(snapshot.apiSchema, snapshot);
    current = snapshot;
    for (const listener of listeners) {
      listener({ apiSchema: snapshot.apiSchema, coreSupergraphSdl: snapshot.supergraphSdl });
    }
  }

  function update(supergraphSdl: string): void {
    try {
      adopt(options.buildSnapshot(supergraphSdl));
      logger.info({ supergraph: current?.id }, 'serving a new supergraph');
    } catch (error) {
      logger.error(
        { err: error, supergraph: current?.id },
        'the new supergraph cannot be used; the old one stays',
      );
    }
  }

  return {
    get current() {
      return current;
    },
    onSchemaLoadOrUpdate(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    async load() {
      let text: string;
      try {
        text = await source.read();
      } catch (cause) {
        throw new Error(`the supergraph cannot be read from ${source.description}`, { cause });
      }
      try {
        adopt(options.buildSnapshot(text));
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`${source.description} is not a supergraph that can be served: ${reason}`, { cause });
      }
      source.watch(update, (error) => {
        logger.warn(
          { err: error, source: source.description },
          'the supergraph could not be looked at; the old one stays',
        );
      });
      return {
        executor: async (request) => {
          const snapshot = bySchema.get(request.schema);
          if (snapshot === undefined) throw new Error('a request came with a schema that is not ours');
          return options.execute(snapshot, request);
        },
      };
    },
    async stop() {
      source.close();
      listeners.clear();
    },
  };
}
