/** Stands in for every value that has no place of its own. */
export const OTHER = 'other';

/** Lets the known values of a label through; what a client or a subgraph may have invented becomes `other`. */
export function knownLabel<V extends string>(values: readonly V[]): (value: string) => V | typeof OTHER {
  const known = new Set<string>(values);
  return (value) => (known.has(value) ? (value as V) : OTHER);
}

/**
 * For values that nobody knows beforehand, such as names of subgraphs: the first `max` pass, all others become `other`.
 * Every value of a label is a series that is kept for the life of the process.
 */
export function limitedLabel(max: number): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    if (seen.has(value)) return value;
    if (seen.size >= max) return OTHER;
    seen.add(value);
    return value;
  };
}

/** More subgraphs than any graph has, and few enough for a server of metrics. */
export const MAX_SUBGRAPHS = 200;
