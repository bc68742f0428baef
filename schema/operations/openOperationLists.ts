import type { Database } from '../../platform/database/database.js';
import type { Logger } from '../../platform/logger.js';
import { createFollowed, type Followed } from '../graph/followed.js';
import { createOperationListStore, type GivenLists, type OperationListStore } from './operationListStore.js';
import {
  createOperationPublisher,
  type OperationPublisher,
  type OperationPublisherOptions,
} from './operationPublisher.js';

export interface OpenOperationListsOptions extends Omit<OperationPublisherOptions, 'lists' | 'onChange'> {
  readonly database: Database;
  readonly pollMs: number;
  readonly logger: Logger;
}

/** The lists of operations of one registry: where they are kept, who changes them, and who follows. */
export function openOperationLists(options: OpenOperationListsOptions): {
  readonly lists: OperationListStore;
  readonly followed: Followed<GivenLists>;
  readonly publisher: OperationPublisher;
} {
  const { database, artefacts, clock, pollMs, logger } = options;
  const lists = createOperationListStore(database, artefacts, clock);
  // A text never changes under its hash.
  let cached: { readonly hash: string; readonly text: string } | undefined;
  const followed = createFollowed<GivenLists>({
    async current() {
      const state = await lists.state();
      const { revision, version, text: hash } = state;
      if (cached?.hash !== hash) cached = { hash, text: await lists.textOf(state) };
      return { revision, version, hash, text: cached.text };
    },
    revision: async () => (await lists.state()).revision,
    pollMs,
    logger,
  });
  const publisher = createOperationPublisher({ ...options, lists, onChange: followed.nudge });
  return { lists, followed, publisher };
}
