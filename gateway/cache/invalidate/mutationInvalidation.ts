import type { OperationTime } from '../../../platform/database/operationTime.js';
import { parseOperationTime } from '../../../platform/database/operationTime.js';
import type { Logger } from '../../../platform/logger.js';
import type { FetchSubgraph, SubgraphResponse } from '../../execution/types.js';
import { tagLiteral } from '../fetch/tags/tagText.js';
import { type Invalidation, subgraphTag } from '../invalidation.js';

export interface MutationInvalidationOptions<C> {
  /** Sends the request. */
  readonly fetch: FetchSubgraph<C>;
  apply(invalidation: Invalidation): Promise<void>;
  /** The request has written at that time: whoever made it must not read anything older from now on. */
  noteWrite(context: C, time: OperationTime): void;
  readonly logger: Logger;
}

interface Changes {
  readonly tags: readonly string[];
  readonly operationTime: OperationTime | undefined;
}

const MAX_TAGS = 10_000;

/**
 * Lets the answer of a mutation go on only when nothing old is served any more. What it changed is what the subgraph
 * names in `extensions.headgate`. When it names nothing, reports an error, fails or is too late, anything may have
 * changed, and everything of the subgraph is purged. The answer or the error goes on as it came, whatever the purge does.
 */
export function invalidateAfterMutations<C>(options: MutationInvalidationOptions<C>): FetchSubgraph<C> {
  const { fetch, apply, noteWrite, logger } = options;

  async function purge(source: string, { tags, operationTime }: Changes): Promise<void> {
    try {
      await apply({ source, tags, operationTime, by: 'mutation' });
    } catch (err) {
      logger.error({ err, subgraph: source }, 'the caches were not purged after a mutation');
    }
  }

  return async (request, context) => {
    if (request.operationKind !== 'mutation') return fetch(request, context);
    const { subgraph } = request;
    const everything = [subgraphTag(subgraph)];
    let response: SubgraphResponse;
    try {
      response = await fetch(request, context);
    } catch (error) {
      await purge(subgraph, { tags: everything, operationTime: undefined });
      throw error;
    }
    const changes = changesIn(response);
    if (changes?.operationTime !== undefined) noteWrite(context, changes.operationTime);
    const failed = response.errors !== undefined && response.errors.length > 0;
    const tags = changes === undefined || failed ? everything : changes.tags;
    if (tags.length > 0) await purge(subgraph, { tags, operationTime: changes?.operationTime });
    return response;
  };
}

/** `undefined` when the subgraph did not say, or not in a way that we understand. */
function changesIn(response: SubgraphResponse): Changes | undefined {
  const told = response.extensions?.['headgate'];
  if (typeof told !== 'object' || told === null) return undefined;
  const { tags, operationTime } = told as Record<string, unknown>;
  if (!Array.isArray(tags) || tags.length > MAX_TAGS) return undefined;
  if (!tags.every((tag) => typeof tag === 'string' && tag !== '')) return undefined;
  const isTime = typeof operationTime === 'string' && parseOperationTime(operationTime) !== undefined;
  return { tags: tags.map(tagLiteral), operationTime: isTime ? (operationTime as OperationTime) : undefined };
}
