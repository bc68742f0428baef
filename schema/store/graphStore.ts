import type { Database } from '../../platform/database/database.js';
import { GRAPH, VERSIONS } from './collections.js';
import type { ComposedVersion, Version } from './version.js';

/** What the graph is at one moment. */
export interface GraphState {
  /**
   * Grows with every change of this state; who writes says which one they have seen. It is the time of the change, or
   * the next number where clocks disagree: so a registry that lost what it knew still goes on above what gateways have seen.
   */
  readonly revision: number;
  /** Number of the version that gateways get; `null` before the first. */
  readonly serving: number | null;
  /** The newest version, also when it was refused. */
  readonly head: Version | null;
}

interface GraphDocument extends GraphState {
  readonly _id: 'graph';
}

type VersionDocument = Version & { readonly _id: string };

/**
 * One document holds the state, and is changed only by who has seen its last revision: whatever processes publish at
 * once, each version was checked against the very graph that it joined. The newest version stands in that document whole,
 * so that there is no moment in which it is served and not recorded; it moves to the others before the next one comes.
 */
export interface GraphStore {
  state(): Promise<GraphState>;
  /** @returns whether it was taken: not when somebody else changed the state meanwhile */
  addVersion(seen: GraphState, version: Version): Promise<boolean>;
  /** @returns as `addVersion` */
  pointTo(seen: GraphState, number: number): Promise<boolean>;
  /** `null` when there is none with this number. */
  version(number: number): Promise<Version | null>;
  /** Newest first. */
  versions(options: { readonly limit: number; readonly before?: number | undefined }): Promise<Version[]>;
}

const EMPTY: GraphState = { revision: 0, serving: null, head: null };

export function createGraphStore(database: Database, clock: () => Date): GraphStore {
  const graph = database.collection<GraphDocument>(GRAPH);
  const versions = database.collection<VersionDocument>(VERSIONS);

  async function state(): Promise<GraphState> {
    return (await graph.findOne({ _id: 'graph' })) ?? EMPTY;
  }

  async function change(seen: GraphState, fields: Partial<GraphState>): Promise<boolean> {
    const next: GraphDocument = {
      _id: 'graph',
      revision: Math.max(seen.revision + 1, clock().getTime()),
      serving: seen.serving,
      head: seen.head,
      ...fields,
    };
    if (seen.revision === 0) return (await graph.insertMissing([next])) === 1;
    const { _id, ...set } = next;
    const { matched } = await graph.updateOne({ _id, revision: seen.revision }, { $set: set });
    return matched === 1;
  }

  return {
    state,
    async addVersion(seen, version) {
      if (seen.head !== null) await versions.insertMissing([{ _id: String(seen.head.number), ...seen.head }]);
      return change(seen, {
        head: version,
        ...(version.outcome === 'composed' && { serving: version.number }),
      });
    },
    pointTo: (seen, number) => change(seen, { serving: number }),
    async version(number) {
      const { head } = await state();
      if (head?.number === number) return head;
      const found = await versions.findOne({ _id: String(number) });
      return found && withoutId(found);
    },
    async versions({ limit, before = Number.MAX_SAFE_INTEGER }) {
      const { head } = await state();
      const newest = head !== null && head.number < before ? [head] : [];
      const older = await versions.find(
        { number: { $lt: Math.min(before, head?.number ?? before) } },
        { sort: { number: -1 }, limit },
      );
      return [...newest, ...older.map(withoutId)].slice(0, limit);
    },
  };
}

export function isComposed(version: Version | null): version is ComposedVersion {
  return version?.outcome === 'composed';
}

function withoutId({ _id, ...version }: VersionDocument): Version {
  return version;
}
