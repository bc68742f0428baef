import type { ApolloServerPlugin } from '@apollo/server';
import type { SubgraphContext } from './subgraphContext.js';

/**
 * Tells the gateway what a write changed, in `extensions.headgate { tags, operationTime }` of its response: with it,
 * only those tags are purged before the client gets its answer. Also on a response with errors: some of it was written.
 */
export function changedTagsPlugin(): ApolloServerPlugin<SubgraphContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ response, contextValue: { changed, causal } }) {
          if (changed.isEmpty || response.body.kind !== 'single') return;
          response.body.singleResult.extensions = {
            ...response.body.singleResult.extensions,
            headgate: {
              tags: changed.toArray(),
              ...(causal.last !== undefined && { operationTime: causal.last }),
            },
          };
        },
      };
    },
  };
}
