import {
  type DocumentNode,
  GraphQLError,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { CodedError } from '../../platform/errors.js';
import { thrownFault } from '../../platform/thrownFault.js';
import { documentKeyOf } from '../supergraph/documentKey.js';
import type { Snapshot } from '../supergraph/snapshot.js';
import { isLive } from './live/liveDirective.js';

/** What a client sends, over whatever transport. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** An operation that is valid in one snapshot. */
export interface PreparedOperation {
  readonly snapshot: Snapshot;
  readonly document: DocumentNode;
  /** Identifies the document's text. */
  readonly documentKey: string;
  readonly operation: OperationDefinitionNode;
}

export type Preparation = PreparedOperation | { readonly errors: readonly GraphQLError[] };

/** Parses and validates, once per text and snapshot. */
export type PrepareOperation = (snapshot: Snapshot, request: OperationRequest) => Preparation;

export interface PrepareOperationOptions {
  /** @throws GraphQLError for an operation that is refused before it is looked at */
  admit(operation: OperationRequest): void;
  readonly introspection: boolean;
  /** Kept per snapshot. */
  readonly maxEntries: number;
}

/** A document that is parsed holds its text, and takes several times as much. */
const KEPT_TEXT_CHARACTERS = 8 * 1024 * 1024;

export function createPrepareOperation(options: PrepareOperationOptions): PrepareOperation {
  const { introspection, maxEntries } = options;
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const caches = new WeakMap<Snapshot, LRUCache<string, Preparation>>();

  function faultsOf({ apiSchema }: Snapshot, document: DocumentNode): readonly GraphQLError[] {
    try {
      return validate(apiSchema, document, rules);
    } catch (error) {
      const fault = thrownFault(error);
      if (fault === undefined) throw error;
      return [fault];
    }
  }

  function prepare(snapshot: Snapshot, request: OperationRequest, documentKey: string): Preparation {
    let document: DocumentNode;
    try {
      document = parse(request.query);
    } catch (error) {
      return { errors: [coded('GRAPHQL_PARSE_FAILED', error as GraphQLError)] };
    }
    const faults = faultsOf(snapshot, document);
    if (faults.length > 0) {
      return { errors: faults.map((fault) => coded('GRAPHQL_VALIDATION_FAILED', fault)) };
    }
    const operation = getOperationAST(document, request.operationName);
    if (!operation) {
      const message = 'Which operation of the document to run is unclear.';
      return { errors: [new CodedError('OPERATION_RESOLUTION_FAILURE', message)] };
    }
    return { snapshot, document, documentKey, operation };
  }

  return (snapshot, request) => {
    try {
      options.admit(request);
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
    let cache = caches.get(snapshot);
    if (cache === undefined) {
      cache = new LRUCache({ max: maxEntries, maxSize: KEPT_TEXT_CHARACTERS });
      caches.set(snapshot, cache);
    }
    const documentKey = documentKeyOf(request.query);
    const { operationName } = request;
    const isNamed = operationName !== undefined && operationName !== null;
    const key = isNamed ? `${documentKey}:${operationName}` : documentKey;
    let prepared = cache.get(key);
    if (prepared === undefined) {
      prepared = prepare(snapshot, request, documentKey);
      cache.set(key, prepared, { size: key.length + request.query.length });
    }
    return prepared;
  };
}

export function kindOf({ snapshot, operation }: PreparedOperation): 'subscription' | 'live' | 'single' {
  if (operation.operation === OperationTypeNode.SUBSCRIPTION) return 'subscription';
  return isLive(snapshot.apiSchema, operation) ? 'live' : 'single';
}

function coded(code: 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED', error: GraphQLError): CodedError {
  const { nodes, source, positions } = error;
  return new CodedError(code, error.message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
  });
}

/** In the form in which a client is told. */
export function asBadInput(error: GraphQLError): CodedError {
  return new CodedError('BAD_USER_INPUT', error.message, { nodes: error.nodes ?? null });
}
