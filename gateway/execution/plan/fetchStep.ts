import type { FetchNode } from '@apollo/query-planner';
import type { MergeInto } from '../mergeInto.js';
import type { TypeConditions } from '../typeConditions.js';
import { type ContextArguments, compileContextArguments } from './contextArguments.js';
import { compileRepresentations, type RepresentationBuilder } from './representations.js';
import type { PathSegment } from './responsePath.js';
import { compileRewrites, type Rewriter } from './rewrites.js';

/** A fetch of the plan with everything worked out that does not depend on data. */
export interface FetchStep {
  readonly kind: 'fetch';
  readonly fetchId: number;
  readonly subgraph: string;
  readonly query: string;
  readonly operationName: string | undefined;
  readonly operationKind: 'query' | 'mutation' | 'subscription';
  readonly variableNames: readonly string[];
  /** Where the entities stand, or where the answer of a root fetch belongs; empty for the root itself. */
  readonly path: readonly PathSegment[];
  /** Present for entity fetches. */
  readonly representations: RepresentationBuilder | undefined;
  readonly rewriteInput: Rewriter | undefined;
  readonly rewriteOutput: Rewriter | undefined;
  readonly contextArguments: ContextArguments | undefined;
  readonly mergeInto: MergeInto;
  /**
   * Places that ask for the same representation share the answer's objects, unless the plan has arguments from a
   * context: then the same entity can have different values in different places.
   */
  readonly copyAnswers: boolean;
}

export interface FetchStepEnvironment {
  readonly fetchId: number;
  readonly path: readonly PathSegment[];
  readonly conditions: TypeConditions;
  readonly mergeInto: MergeInto;
  readonly copyAnswers: boolean;
}

export function compileFetchStep(node: FetchNode, environment: FetchStepEnvironment): FetchStep {
  const { fetchId, path, conditions, mergeInto, copyAnswers } = environment;
  return {
    kind: 'fetch',
    fetchId,
    subgraph: node.serviceName,
    query: node.operation,
    operationName: node.operationName,
    operationKind: node.operationKind,
    variableNames: node.variableUsages ?? [],
    path,
    representations: node.requires && compileRepresentations(node.requires, conditions),
    rewriteInput: compileRewrites(node.inputRewrites, conditions),
    rewriteOutput: compileRewrites(node.outputRewrites, conditions),
    contextArguments: compileContextArguments(node.contextRewrites, path, conditions),
    mergeInto,
    copyAnswers,
  };
}
