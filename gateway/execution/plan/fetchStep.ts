import type { FetchNode } from '@apollo/query-planner';
import type { MergeInto } from '../mergeInto.js';
import type { ResponseNames } from '../prepare/prepareDocument.js';
import type { TypeConditions } from '../typeConditions.js';
import { type ContextArguments, compileContextArguments } from './contextArguments.js';
import { compileRepresentations, type RepresentationBuilder } from './representations.js';
import type { PathSegment } from './responsePath.js';
import { compileRewrites, type Rewriter } from './rewrites.js';
import type { SharedPlace } from './sharedPlaces.js';

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
  /** For the paths of errors. */
  readonly clientNames: ReadonlyMap<string, string>;
  /** Present for entity fetches. */
  readonly representations: RepresentationBuilder | undefined;
  readonly rewriteInput: Rewriter | undefined;
  readonly rewriteOutput: Rewriter | undefined;
  readonly contextArguments: ContextArguments | undefined;
  readonly mergeInto: MergeInto;
  /** Other fetches of the plan with this key ask the same of other places. */
  readonly jointKey: string | undefined;
  /** Where equal entities of its answer become one object. */
  readonly sharedPlaces: readonly SharedPlace[];
  /**
   * Places that ask for the same representation share the answer's objects, unless the plan has arguments from a
   * context: then the same entity can have different values in different places.
   */
  readonly copyAnswers: boolean;
}

/** What all steps of a plan have in common. */
export interface CompileEnvironment {
  readonly conditions: TypeConditions;
  readonly mergeInto: MergeInto;
  readonly responseNames: ResponseNames;
}

export interface FetchStepPosition {
  readonly fetchId: number;
  readonly path: readonly PathSegment[];
  readonly copyAnswers: boolean;
  readonly sharedPlaces: readonly SharedPlace[];
  readonly jointKey: string | undefined;
}

/** Names that only the subgraph and the plan use, to the client's. */
function clientNames(node: FetchNode, responseNames: ResponseNames): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [planned, name] of responseNames) {
    if (name !== undefined) {
      names.set(planned, name);
    }
  }
  for (const rewrite of node.outputRewrites ?? []) {
    const alias = rewrite.path.at(-1);
    if (rewrite.kind === 'KeyRenamer' && alias !== undefined) {
      names.set(alias, names.get(rewrite.renameKeyTo) ?? rewrite.renameKeyTo);
    }
  }
  return names;
}

export function compileFetchStep(
  node: FetchNode,
  { conditions, mergeInto, responseNames }: CompileEnvironment,
  { fetchId, path, copyAnswers, sharedPlaces, jointKey }: FetchStepPosition,
): FetchStep {
  return {
    kind: 'fetch',
    fetchId,
    subgraph: node.serviceName,
    query: node.operation,
    operationName: node.operationName,
    operationKind: node.operationKind,
    variableNames: node.variableUsages ?? [],
    path,
    clientNames: clientNames(node, responseNames),
    representations: node.requires && compileRepresentations(node.requires, conditions),
    rewriteInput: compileRewrites(node.inputRewrites, conditions),
    rewriteOutput: compileRewrites(node.outputRewrites, conditions),
    contextArguments: compileContextArguments(node.contextRewrites, path, conditions),
    mergeInto,
    jointKey,
    sharedPlaces,
    copyAnswers,
  };
}
