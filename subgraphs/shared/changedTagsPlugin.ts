import type { ApolloServerPlugin } from '@apollo/server';
import type { SubgraphContext } from './subgraphContext.js';

/**
 * Tells the gateway what a write changed, in `extensions.headgate { tags, operationTime }` of its response: with it,
 * only those tags are purged before the client gets its answer. A mutation that changed nothing says so, by no tags:
 * without a word, anything may have changed. On a response with errors only when some of it was written.
 */
export function changedTagsPlugin(): ApolloServerPlugin<SubgraphContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ response, operation, errors, contextValue: { changed, causal } }) {
          if (operation?.operation !== 'mutation' || response.body.kind !== 'single') return;
          const failed = errors !== undefined && errors.length > 0;
          if (failed && changed.isEmpty) return;
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
