import { type DocumentNode, type GraphQLSchema, getOperationAST, print } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Outcome } from '../authorization/createAuthorizer.js';
import type { CompiledPlan } from '../execution/compilePlan.js';
import { documentKeyOf } from '../supergraph/documentKey.js';
import type { OverrideChoice } from '../supergraph/progressiveOverrides.js';
import { liftLiterals } from './liftLiterals.js';

/** What one plan depends on. */
export interface PlanBasis {
  /** Identifies the document's text. */
  readonly documentKey: string;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly overrides: OverrideChoice;
  readonly outcome: Outcome;
}

/** What one plan is kept under, and made from. */
export interface PlanChoice extends PlanBasis {
  readonly key: string;
}

/** What an operation shares with all that differ from it in literals alone. */
export interface OperationShape<P> extends PlanChoice {
  /** The plan of the operation itself. @param key under which it is kept */
  fill(plan: P, key: string): P;
}

export interface OperationShapes<P> {
  /** The plan that was filled for the text of a client. */
  filled(key: string): P | undefined;
  /** The operation itself, where it has no literals. */
  shapeOf(choice: PlanChoice): OperationShape<P>;
}

export function choiceOf(basis: PlanBasis): PlanChoice {
  const { document, documentKey, operationName, overrides, outcome } = basis;
  const key = `${documentKey}:${operationName ?? ''}:${overrides.key}:${outcome.key}`;
  return { document, documentKey, operationName, overrides, outcome, key };
}

/** @param maxEntries kept beside the plans of shapes: texts that never come again push none of those out */
export function createOperationShapes<P extends CompiledPlan>(
  apiSchema: GraphQLSchema,
  maxEntries: number,
): OperationShapes<P> {
  const plans = new LRUCache<string, P>({ max: maxEntries });
  return {
    filled: (key) => plans.get(key),
    shapeOf(choice) {
      const lifted = liftLiterals(choice.document, apiSchema);
      const operation = getOperationAST(choice.document, choice.operationName);
      if (lifted === undefined || !operation) return { ...choice, fill: (plan) => plan };
      const { document, literals } = lifted;
      return {
        ...choiceOf({ ...choice, document, documentKey: documentKeyOf(print(document)) }),
        fill(plan, key) {
          // Its variables are read, and found fault with, by the client's own text.
          const filled = { ...plan, operation, literals };
          plans.set(key, filled);
          return filled;
        },
      };
    },
  };
}
