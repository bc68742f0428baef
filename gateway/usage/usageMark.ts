import type { Coordinates } from './coordinates.js';

/** The client that made a request, as it names itself. */
export interface UsageClient {
  readonly name: string;
  readonly version: string;
}

export interface UsageCount {
  readonly client: UsageClient;
  count: number;
  errors: number;
}

/** One operation of one graph, with one choice of what its variables send. */
export interface UsageMark {
  readonly supergraph: string;
  readonly id: string;
  readonly name: string | undefined;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly text: string;
  readonly coordinates: Coordinates;
  /** Since the last report, by client. */
  readonly counts: Map<string, UsageCount>;
}
