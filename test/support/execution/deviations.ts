import type { GeneratedOperation } from './generateOperation.js';

/** A known difference: why it is right, and which operations can show it. */
export interface Deviation {
  readonly reason: string;
  readonly concerns: (operation: GeneratedOperation) => boolean;
}

/**
 * Operations for which Apollo's executor is no oracle. Other deviations are smaller: the interface object's name is
 * corrected in the answers that the oracle gets (`keepConcreteTypes`), other words are in `comparable`, and shifted
 * indices in `withoutIndices`.
 */
export const wrongOracle: Readonly<Record<string, Deviation>> = {
  aliasOfPlannedField: {
    reason:
      'A response name that is also the name of a key, of a required field or of "__typename", but stands for ' +
      'another field. Their executor reads the key from it, and often fails as a whole. Prepared documents plan it ' +
      'under another name.',
    concerns: ({ text }) => /\b(id|sku|price|__typename): [a-z_]/i.test(text),
  },
};

const withRequires = 'shippingEstimate|packing|boxOffice|level';

/** Operations for which the planner, which we share, makes a plan that cannot give the right result. */
export const wrongPlan: Readonly<Record<string, Deviation>> = {
  conditionalRequires: {
    reason:
      'A condition on a field with @requires, beside a field without condition of the same subgraph: the planner ' +
      'makes one fetch of both, whose representations then lack the required fields, so nothing is asked.',
    concerns: ({ text }) =>
      new RegExp(`\\b(${withRequires})\\b[^{}]*@(skip|include)`).test(text) ||
      /\.\.\.[^{}]*@(skip|include)/.test(text),
  },
};
