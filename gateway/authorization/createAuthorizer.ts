import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { CodedError } from '../../platform/errors.js';
import type { PreparedDocument, ResponseNames } from '../execution/prepare/prepareDocument.js';
import type { Authority } from './authority.js';
import type { Requirements } from './readRequirements.js';
import { requirementsOf, restrictDocument } from './restrictDocument.js';
import { unauthorizedErrors } from './unauthorizedErrors.js';

/** What one caller may see of one document. Equal outcomes are answered alike. */
export interface Outcome {
  /** One character for each requirement of the document: `1` where it is met. Empty when it has none. */
  readonly key: string;
  readonly isMet: (id: number) => boolean;
}

export interface AuthorizedDocument {
  readonly planned: DocumentNode;
  readonly shaped: DocumentNode;
  readonly responseNames: ResponseNames;
  readonly errors: readonly GraphQLError[];
}

export interface Authorizer {
  /** @param documentKey identifies the document's text */
  outcomeFor(document: DocumentNode, documentKey: string, authority: Authority): Outcome;
  /**
   * @param operationName may be left out when the document has one operation only
   * @throws CodedError `UNAUTHORIZED_FIELD_OR_TYPE` for a subscription of which nothing would be left
   */
  restrict(
    prepared: PreparedDocument,
    operationName: string | undefined,
    outcome: Outcome,
  ): AuthorizedDocument;
}

const NOTHING_REQUIRED: Outcome = { key: '', isMet: () => true };

/** Decides, for the graph of one snapshot, before anything is planned. */
export function createAuthorizer(options: {
  readonly requirements: Requirements | undefined;
  readonly apiSchema: GraphQLSchema;
  readonly cacheEntries: number;
}): Authorizer {
  const { requirements, apiSchema, cacheEntries } = options;
  const known = new LRUCache<string, readonly number[]>({ max: cacheEntries });

  return {
    outcomeFor(document, documentKey, authority) {
      if (requirements === undefined) return NOTHING_REQUIRED;
      let ids = known.get(documentKey);
      if (ids === undefined) {
        ids = requirementsOf(document, apiSchema, requirements);
        known.set(documentKey, ids);
      }
      if (ids.length === 0) return NOTHING_REQUIRED;
      const met = new Set(ids.filter((id) => requirements.all[id]?.isMetBy(authority)));
      return { key: ids.map((id) => (met.has(id) ? '1' : '0')).join(''), isMet: (id) => met.has(id) };
    },

    restrict(prepared, operationName, outcome) {
      const { document, responseNames } = prepared;
      if (requirements === undefined || !outcome.key.includes('0')) {
        return { planned: document, shaped: document, responseNames, errors: [] };
      }
      const restricted = restrictDocument(prepared, apiSchema, requirements, outcome.isMet);
      const { planned, shaped } = restricted;
      const operation = findOperation(document, operationName);
      const errors = operation ? unauthorizedErrors(operation, fragmentsOf(document), restricted) : [];
      const [first] = errors;
      // It has one field, and without it there is nothing to subscribe to.
      if (operation?.operation === OperationTypeNode.SUBSCRIPTION && first?.path?.length === 1) {
        throw new CodedError('UNAUTHORIZED_FIELD_OR_TYPE', first.message, { path: first.path });
      }
      return { planned, shaped, responseNames: restricted.responseNames, errors };
    },
  };
}

function findOperation(
  document: DocumentNode,
  operationName: string | undefined,
): OperationDefinitionNode | undefined {
  return document.definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      (operationName === undefined || definition.name?.value === operationName),
  );
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
}
