import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, GraphQLError, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { ExecutablePlan } from './plan/executablePlan.js';
import type { ResponseNames } from './prepare/prepareDocument.js';

/** One request to one subgraph, as the plan demands it. */
export interface SubgraphRequest {
  readonly subgraph: string;
  /** The document, minified by the planner. */
  readonly query: string;
  readonly operationName: string | undefined;
  readonly operationKind: 'query' | 'mutation' | 'subscription';
  /** Coerced; for an entity fetch `representations` is among them. `undefined` when there are none. */
  readonly variables: Record<string, unknown> | undefined;
  /**
   * Number of the fetch inside its plan: the same plan gives the same numbers at every execution. One fetch can
   * send several requests in one execution when its arguments come from a context that differs between entities.
   */
  readonly fetchId: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * What a subgraph answered. `data` is handed over: the executor writes into it and keeps parts of it in the
 * result, so an answer that is also kept elsewhere (a cache, a joined request) has to be copied first.
 */
export interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
  readonly extensions?: Record<string, unknown> | undefined;
  /** What the transport said about the answer; absent when it did not come over HTTP. */
  readonly http?: SubgraphHttp;
}

export interface SubgraphHttp {
  readonly status?: number | undefined;
  /** The `Cache-Control` header; several are joined by commas. */
  readonly cacheControl?: string | undefined;
  /** The `Age` header. */
  readonly age?: string | undefined;
  /** Length of the body. */
  readonly bytes?: number | undefined;
}

/**
 * Sends one request. A rejection becomes an error of the result: with the code of the error's own
 * `extensions.code` if it has one, `SUBGRAPH_REQUEST_FAILED` otherwise.
 */
export type FetchSubgraph<C> = (request: SubgraphRequest, context: C) => Promise<SubgraphResponse>;

export interface CompilePlanInput {
  readonly plan: QueryPlan;
  /** The document that was planned, valid for `apiSchema`: the client's, or better what `prepareDocument` makes of it. */
  readonly document: DocumentNode;
  /** From `prepareDocument`, if it was used. */
  readonly responseNames?: ResponseNames | undefined;
  /** Begins the errors of every result, see `ExecutablePlan`. @default none */
  readonly unauthorized?: readonly GraphQLError[];
  /** Which operation of the document; may be left out when it has only one. */
  readonly operationName?: string | undefined;
  /** Schema of the supergraph, inaccessible elements included. Type conditions of the plan speak of it. */
  readonly supergraphSchema: GraphQLSchema;
  /** What the client sees. The response is shaped by it. */
  readonly apiSchema: GraphQLSchema;
}

/** Made by `compilePlan`, run by `executePlan`: immutable for its users, shared by concurrent executions. */
export type CompiledPlan = ExecutablePlan;

export interface ExecutePlanArgs<C> {
  /** As returned by `coerceVariables`: coerced, with defaults applied. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Handed to `fetch` as it is. */
  readonly context: C;
  readonly fetch: FetchSubgraph<C>;
  /** Told, once, of everything that was fetched, before it is shaped. */
  readonly onFetched?: ((root: Readonly<Record<string, unknown>>) => void) | undefined;
  /** Once aborted no further fetch starts; it is also part of every request, for `fetch` to obey. */
  readonly signal?: AbortSignal | undefined;
  /** Whether each fetch is sent by itself, also where others ask the same at the same time. @default false */
  readonly fetchesApart?: boolean;
}

export interface ExecutePlanResult {
  /**
   * Absent when the plan could not be run at all. Not to be written to: equal parts can be the same objects.
   */
  readonly data?: Record<string, unknown> | null;
  /** Never empty. Messages are the subgraphs' own: what a client may see of them is decided elsewhere. */
  readonly errors?: readonly GraphQLError[];
  /**
   * `valueCompletion` lists values that did not fit the schema, with their paths, when there are no `errors`; a null
   * that a reported error explains needs no second explanation.
   */
  readonly extensions?: { readonly valueCompletion: readonly GraphQLError[] };
}
