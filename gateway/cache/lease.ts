import { subgraphTag } from './invalidation.js';

/**
 * A lease says that one process is loading a key, so that the others wait for the record instead of loading it as
 * well. It is an optimisation and never a condition: whoever waits too long, or cannot ask, loads.
 */
export interface LeaseRequest {
  /** Subgraph that would be asked. An invalidation of it closes the lease: what is being loaded may be older. */
  readonly source: string;
  /** `take` takes the lease of a key that is missing or no longer fresh, `look` only tells whether another has it. */
  readonly mode: 'take' | 'look';
}

/** `overtaken`: taken from a holder whose load an invalidation has closed. `held`: another process is loading it. */
export type LeaseState = 'taken' | 'overtaken' | 'held';

/** What became of leases since the start. */
export interface LeaseStats {
  taken: number;
  overtaken: number;
  held: number;
  /** Waits that ended with the record. */
  arrived: number;
  /** Waits that ended since the holder gave up, was refused, or was overtaken. */
  freed: number;
  /** Waits that ended without either: the load took too long, its holder is gone, or Redis fell silent. */
  expired: number;
}

export function newLeaseStats(): LeaseStats {
  return { taken: 0, overtaken: 0, held: 0, arrived: 0, freed: 0, expired: 0 };
}

/** Goes with every invalidation of the subgraph; no record bears it. */
export function leaseTag(source: string): string {
  return `lease:${source}`;
}

/** A lease holds as long as nothing under one of these is invalidated. */
export function tagsOfLease(source: string): readonly string[] {
  return [leaseTag(source), subgraphTag(source)];
}
