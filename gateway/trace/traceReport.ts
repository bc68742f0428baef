/** What a traced response carries in its extensions. Types alone: the explorer's page reads them too. */

/** `extensions.plan`: how the operation is answered, whatever the caches say. */
export type PlanDescription =
  | FetchDescription
  | { readonly kind: 'sequence' | 'parallel'; readonly steps: readonly PlanDescription[] }
  | {
      readonly kind: 'condition';
      /** Without the dollar sign. */
      readonly variable: string;
      readonly whenTrue?: PlanDescription | undefined;
      readonly whenFalse?: PlanDescription | undefined;
    }
  | { readonly kind: 'unsupported'; readonly what: string };

export interface FetchDescription {
  readonly kind: 'fetch';
  /** The same at every execution of this plan. */
  readonly fetchId: number;
  readonly subgraph: string;
  readonly operationKind: 'query' | 'mutation' | 'subscription';
  /** Where in the response its answer belongs, such as `products.edges[].node`; empty for the root. */
  readonly path: string;
  /** Types that it asks for by their keys; empty for a fetch from the root. */
  readonly entityTypes: readonly string[];
  /** What it brings, one level deep: `Query.products`, or `Product.price`. */
  readonly fields: readonly string[];
  /** What the subgraph is sent; the cache adds keys to it. */
  readonly query: string;
}

/** One request to a subgraph. Absent for a fetch that the caches answer, or that waits for another request's load. */
export interface RequestTrace {
  /** From when the operation began, in ms. */
  readonly startMs: number;
  /** `undefined` when it is still under way, as a refresh in the background is. */
  readonly endMs?: number | undefined;
  /** Representations that it carried; `undefined` for a fetch from the root. */
  readonly representations?: number | undefined;
  readonly status?: number | undefined;
  /** Of the answer's body. */
  readonly bytes?: number | undefined;
  /** The subgraph's `Cache-Control`. */
  readonly cacheControl?: string | undefined;
  readonly error?: string | undefined;
}

/** One fetch of this run: what the plan asked for, and what was done about it. */
export interface FetchTrace {
  readonly fetchId: number;
  readonly subgraph: string;
  /** From when the operation began, in ms. */
  readonly startMs: number;
  readonly endMs: number;
  /** Entities that the plan asked for, each once; `undefined` for a fetch from the root. */
  readonly representations?: number | undefined;
  /** Of these, those that no request had to carry: the caches or another request's load had them. */
  readonly saved?: number | undefined;
  readonly requests: readonly RequestTrace[];
  /** Its place in `extensions.cache.fetches`; absent when no cache was asked, as for a mutation. */
  readonly explanation?: number | undefined;
}

/** What keeps the response from being cached, or limits for how long. */
export interface FreshnessReason {
  readonly kind: 'uncacheable' | 'shortest';
  readonly subgraph: string;
  readonly fetchId?: number | undefined;
  readonly fields: readonly string[];
  /** A sentence without its full stop. */
  readonly words: string;
}

/** How much of one limit on operations is used. */
export interface LimitUse {
  /** In words for a developer, such as `depth`. */
  readonly name: string;
  readonly used: number;
  /** `undefined` where there is none. */
  readonly limit?: number | undefined;
}

/** What an operation costs: before it ran, by estimate; and by the lists that came. */
export interface CostReport {
  readonly estimated: number;
  /** `undefined` when nothing was fetched. */
  readonly actual?: number | undefined;
  /** What its fields cost subgraph by subgraph. */
  readonly subgraphs: readonly {
    readonly name: string;
    readonly estimated: number;
    readonly actual?: number | undefined;
  }[];
}

/** `extensions.trace` */
export interface TraceReport {
  readonly operation: {
    /** SHA-256 of the document's text, in hex: what persisted queries are asked for by. */
    readonly id: string;
    readonly name?: string | undefined;
    readonly kind: 'query' | 'mutation' | 'subscription';
  };
  /** In ms since the epoch, by the gateway's clock. */
  readonly startedAt: number;
  /** From planning to the result, without parsing and validation. */
  readonly durationMs: number;
  /** Planning, or taking the plan from the plan cache. */
  readonly planMs: number;
  /** In the order in which they began. */
  readonly fetches: readonly FetchTrace[];
  readonly freshness: readonly FreshnessReason[];
  /** `undefined` where costs are not looked at. */
  readonly cost?: CostReport | undefined;
  /** What the operation weighs, where that is measured. */
  readonly limits?: readonly LimitUse[] | undefined;
}
