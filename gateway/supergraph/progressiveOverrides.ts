import type { Schema } from '@apollo/federation-internals';

/** Which progressive `@override`s hold for one request. */
export interface OverrideChoice {
  /** Equal for equal choices. There are only as many as distinct percentages, and one more. */
  readonly key: string;
  /** Label to whether the field is taken from its new subgraph; as the planner wants it. */
  readonly conditions: Map<string, boolean>;
}

const PERCENT = /^percent\((\d+(?:\.\d+)?)\)$/;

/**
 * Reads the labels of `@override(label:)` from a supergraph. `percent(n)` holds for n of 100 requests; what any other
 * label means is not known here, and such fields stay with their old subgraph.
 *
 * One draw decides all labels of a request: independent draws would need a plan for each combination of them.
 *
 * @param random as `Math.random`
 * @returns draws the choice for a request
 */
export function createProgressiveOverrides(
  supergraphSchema: Schema,
  random: () => number = Math.random,
): () => OverrideChoice {
  const percentages = new Map<string, number>();
  for (const application of supergraphSchema.directive('join__field')?.applications() ?? []) {
    const label: unknown = application.arguments()['overrideLabel'];
    const percentage = typeof label === 'string' ? PERCENT.exec(label)?.[1] : undefined;
    if (percentage !== undefined) percentages.set(String(label), Number(percentage));
  }
  if (percentages.size === 0) {
    const none: OverrideChoice = { key: '', conditions: new Map() };
    return () => none;
  }
  return () => {
    const draw = random() * 100;
    const conditions = new Map([...percentages].map(([label, percentage]) => [label, draw < percentage]));
    return { key: [...conditions.values()].map(Number).join(''), conditions };
  };
}
