import type { ArtefactHash } from './artefacts.js';

/** A subgraph as one version of the graph has it. */
export interface SubgraphEntry {
  readonly name: string;
  readonly url: string;
  readonly schema: ArtefactHash;
  readonly publishedBy: string;
  readonly publishedAt: Date;
}

interface Attempt {
  readonly number: number;
  readonly at: Date;
  /** Name of the token that published it. */
  readonly by: string;
  /** Subgraphs that it brought. */
  readonly published: readonly string[];
  /** Subgraphs that it took out. */
  readonly removed?: readonly string[];
  /** All of the graph, sorted by name. */
  readonly subgraphs: readonly SubgraphEntry[];
  /** What the publisher wanted to say, such as a commit. */
  readonly message?: string;
}

export interface ComposedVersion extends Attempt {
  readonly outcome: 'composed';
  readonly supergraph: ArtefactHash;
  readonly apiSchema: ArtefactHash;
  readonly hints: readonly string[];
  /** How many changes of each severity clients see, against the version served before it. */
  readonly changes: { readonly breaking: number; readonly dangerous: number; readonly safe: number };
}

/** Recorded, and never served. */
export interface RefusedVersion extends Attempt {
  readonly outcome: 'refused';
  readonly faults: readonly string[];
}

/** What somebody published, whether it was taken or not. Versions are numbered without gaps and never change. */
export type Version = ComposedVersion | RefusedVersion;
