import type { Database } from '../../platform/database/database.js';
import type { Given } from '../graph/followed.js';
import { type ArtefactHash, type ArtefactStore, hashOf } from '../store/artefacts.js';
import { OPERATION_LISTS } from '../store/collections.js';

/** The operations that one client may run; `null` is everybody's list. */
export interface ClientList {
  readonly client: string | null;
  /** Pairs of id and text, sorted by id. */
  readonly operations: readonly (readonly [id: string, text: string])[];
}

/** Who changed a list last. */
export interface ListSummary {
  readonly client: string | null;
  readonly operations: number;
  /** Name of the token. */
  readonly by: string;
  readonly at: Date;
}

export interface OperationListState {
  /** Grows with every change, as that of the graph does. */
  readonly revision: number;
  /** Counts the changes. */
  readonly version: number;
  /** Where all lists stand, in one text. */
  readonly text: ArtefactHash;
  readonly summaries: readonly ListSummary[];
}

/** What gateways get. */
export interface GivenLists extends Given {
  readonly version: number;
  readonly text: string;
}

/** All lists stand in one text, which changes by who has seen its last revision: no gateway ever sees half of a change. */
export interface OperationListStore {
  state(): Promise<OperationListState>;
  /** The text that gateways get. @throws when the database holds another than its hash says */
  textOf(state: OperationListState): Promise<string>;
  /** @returns whether it was taken: not when somebody else changed the lists meanwhile */
  change(seen: OperationListState, text: string, summaries: readonly ListSummary[]): Promise<boolean>;
}

const NO_LISTS = writeLists([]);
const EMPTY: OperationListState = { revision: 0, version: 0, text: hashOf(NO_LISTS), summaries: [] };

export function createOperationListStore(
  database: Database,
  artefacts: ArtefactStore,
  clock: () => Date,
): OperationListStore {
  const lists = database.collection<OperationListState & { readonly _id: 'lists' }>(OPERATION_LISTS);
  return {
    async state() {
      return (await lists.findOne({ _id: 'lists' })) ?? EMPTY;
    },
    textOf: async ({ text }) => (text === EMPTY.text ? NO_LISTS : artefacts.get(text)),
    async change(seen, text, summaries) {
      const set = {
        revision: Math.max(seen.revision + 1, clock().getTime()),
        version: seen.version + 1,
        text: await artefacts.put(text),
        summaries,
      };
      if (seen.revision === 0) return (await lists.insertMissing([{ _id: 'lists', ...set }])) === 1;
      const { matched } = await lists.updateOne({ _id: 'lists', revision: seen.revision }, { $set: set });
      return matched === 1;
    },
  };
}

/** The same lists are the same text. */
export function writeLists(lists: readonly ClientList[]): string {
  const sorted = lists
    .map(({ client, operations }) => ({
      client,
      operations: [...operations].sort(([a], [b]) => (a < b ? -1 : 1)),
    }))
    .sort((a, b) => ((a.client ?? '') < (b.client ?? '') ? -1 : 1));
  return JSON.stringify({ lists: sorted });
}

export function parseLists(text: string): readonly ClientList[] {
  return (JSON.parse(text) as { lists: readonly ClientList[] }).lists;
}
