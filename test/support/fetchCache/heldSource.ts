import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, type GraphQLFormattedError, type GraphQLSchema, parse, validate } from 'graphql';
import type { FetchCacheContext } from '../../../gateway/cache/fetch/fetchCacheOptions.js';
import type { FetchSubgraph, SubgraphRequest, SubgraphResponse } from '../../../gateway/execution/types.js';

export interface HeldAnswer {
  /** Values of the root fields. */
  readonly root?: object;
  /** The entity for a representation; `null` for none. */
  readonly entity?: (representation: Record<string, unknown>) => unknown;
  readonly cacheControl?: string;
  readonly age?: string;
  readonly status?: number;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Record<string, unknown>;
}

/** A request that waits until the test decides what becomes of it. */
export interface HeldRequest {
  readonly request: SubgraphRequest;
  readonly headers: Readonly<Record<string, string>>;
  /** What the subgraph's schema makes of these values. */
  answer(answer: HeldAnswer): Promise<void>;
  respond(response: SubgraphResponse): void;
  fail(error: Error): void;
}

interface ResolverContext {
  readonly entity: HeldAnswer['entity'];
}

function createSchema(typeDefs: string): GraphQLSchema {
  const schema = buildSubgraphSchema({ typeDefs: parse(typeDefs) });
  for (const type of Object.values(schema.getTypeMap())) {
    const resolveReference = (representation: Record<string, unknown>, { entity }: ResolverContext) =>
      entity?.(representation) ?? null;
    (type.extensions as Record<string, unknown>)['apollo'] = { subgraph: { resolveReference } };
  }
  return schema;
}

/** Subgraphs that hold every request until the test answers it. A query that their schema does not allow fails. */
export class HeldSource {
  readonly #schemas: ReadonlyMap<string, GraphQLSchema>;
  readonly #arrived: HeldRequest[] = [];
  readonly #awaited: ((request: HeldRequest) => void)[] = [];
  /** How many requests came in all. */
  count = 0;

  constructor(sdls: Readonly<Record<string, string>>) {
    this.#schemas = new Map(Object.entries(sdls).map(([name, text]) => [name, createSchema(text)]));
  }

  /** Requests that no test has taken yet. */
  get untaken(): number {
    return this.#arrived.length;
  }

  /** The next request, oldest first. */
  next(): Promise<HeldRequest> {
    const arrived = this.#arrived.shift();
    return arrived ? Promise.resolve(arrived) : new Promise((resolve) => this.#awaited.push(resolve));
  }

  readonly fetch: FetchSubgraph<FetchCacheContext> = (request, { headers }) =>
    new Promise<SubgraphResponse>((resolve, reject) => {
      this.count += 1;
      request.signal?.addEventListener('abort', () => reject(request.signal?.reason), { once: true });
      const held: HeldRequest = {
        request,
        headers,
        respond: resolve,
        fail: reject,
        answer: async (answer) => resolve(await this.#execute(request, answer)),
      };
      const awaited = this.#awaited.shift();
      if (awaited) awaited(held);
      else this.#arrived.push(held);
    });

  async #execute(request: SubgraphRequest, answer: HeldAnswer): Promise<SubgraphResponse> {
    const schema = this.#schemas.get(request.subgraph);
    if (schema === undefined) throw new Error(`there is no subgraph ${request.subgraph}`);
    const document = parse(request.query);
    const faults = validate(schema, document);
    if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
    const { data, errors = [] } = await execute({
      schema,
      document,
      rootValue: answer.root,
      variableValues: request.variables,
      contextValue: { entity: answer.entity } satisfies ResolverContext,
    });
    const all = [...errors.map((error) => error.toJSON()), ...(answer.errors ?? [])];
    const { cacheControl, age, status = 200, extensions } = answer;
    return {
      // As it would come over the wire.
      data: JSON.parse(JSON.stringify(data)) as Record<string, unknown> | null,
      ...(all.length > 0 && { errors: all }),
      ...(extensions && { extensions }),
      http: { status, cacheControl, age },
    };
  }
}
