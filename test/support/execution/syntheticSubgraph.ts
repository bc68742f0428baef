import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  execute,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLFormattedError,
  type GraphQLSchema,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  parse,
} from 'graphql';
import type { SubgraphResponse } from '../../../gateway/execution/types.js';
import { chance, hash } from './random.js';
import type { Place, SyntheticObject, SyntheticWorld } from './syntheticWorld.js';

/** How often things go wrong, as probabilities. */
export interface Faults {
  readonly nulls: number;
  readonly fieldErrors: number;
  readonly emptyLists: number;
  readonly missingEntities: number;
  readonly failedRequests: number;
}

export const noFaults: Faults = {
  nulls: 0,
  fieldErrors: 0,
  emptyLists: 0,
  missingEntities: 0,
  failedRequests: 0,
};

export interface SubgraphQuestion {
  readonly query: string;
  readonly variables: Record<string, unknown> | undefined;
  readonly seed: string;
  readonly faults: Faults;
}

/** Answers from synthetic data, with faults that depend on the question only, not on when it is asked. */
export type SyntheticSubgraph = (question: SubgraphQuestion) => Promise<SubgraphResponse>;

interface ResolverContext {
  readonly place: Place;
  readonly faults: Faults;
  readonly subgraph: string;
}

export function createSyntheticFieldResolver(
  world: SyntheticWorld,
): GraphQLFieldResolver<unknown, ResolverContext> {
  return (source, args: object, { place, faults, subgraph }, info) => {
    const parent = (source as SyntheticObject | undefined) ?? {
      __typename: info.parentType.name,
      $identity: info.parentType.name,
    };
    const given = parent.$representation?.[info.fieldName];
    if (given !== undefined && typeof given !== 'object') {
      return given;
    }
    const at = `${place.seed}/${parent.$identity}.${info.fieldName}${JSON.stringify(args)}`;
    if (chance(faults.fieldErrors, `${at}/error/${subgraph}`)) {
      const extensions = hash(at) % 2 === 0 ? { code: 'BROKEN' } : {};
      throw new GraphQLError(`${info.parentType.name}.${info.fieldName} is broken`, { extensions });
    }
    const isKeyLike = info.fieldName === 'id';
    if (
      !isKeyLike &&
      chance(isNonNullType(info.returnType) ? faults.nulls / 8 : faults.nulls, `${at}/null`)
    ) {
      return null;
    }
    const value = world.value(parent, info.parentType.name, info.fieldName, args, info.returnType, place);
    return Array.isArray(value) && chance(faults.emptyLists, `${at}/empty`) ? [] : value;
  };
}

/** What a subgraph that is not well sends instead of an answer. */
function failedResponse(
  text: string,
  subgraph: string,
  representations: unknown,
): SubgraphResponse | undefined {
  switch (hash(text) % 6) {
    case 0:
      throw new Error(`${subgraph} refused the connection`);
    case 1:
      throw new GraphQLError(`${subgraph} is unwell`, { extensions: { code: 'UNWELL' } });
    case 2:
      return { data: null, errors: [{ message: `${subgraph} is tired`, extensions: { code: 'TIRED' } }] };
    case 3:
      return { errors: [{ message: `${subgraph} did not understand` }] };
    case 4:
      return representations === undefined ? undefined : { data: {} };
    default:
      return representations === undefined
        ? undefined
        : {
            data: {
              _entities: [null, null, null, null, null, null, null, null, null, null, null, null, null, null],
            },
          };
  }
}

export function createSyntheticSubgraph(
  name: string,
  typeDefs: string,
  world: SyntheticWorld,
): SyntheticSubgraph {
  const schema: GraphQLSchema = buildSubgraphSchema({ typeDefs: parse(typeDefs) });
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) {
      continue;
    }
    const resolveReference = (representation: Record<string, unknown>, context: ResolverContext): unknown => {
      const entity = world.entity(type.name, representation, context.place);
      const at = `${context.place.seed}/${entity?.$identity}/missing/${context.subgraph}`;
      return entity === undefined || chance(context.faults.missingEntities, at) ? null : entity;
    };
    const extensions = type.extensions as Record<string, unknown>;
    extensions['apollo'] = { subgraph: { resolveReference } };
  }
  const fieldResolver = createSyntheticFieldResolver(world);
  const documents = new Map<string, ReturnType<typeof parse>>();

  return async ({ query, variables, seed, faults }) => {
    if (chance(faults.failedRequests, `${seed}/${name}/${query}`)) {
      const failed = failedResponse(`${seed}/${name}/${query}`, name, variables?.['representations']);
      if (failed !== undefined) {
        return failed;
      }
    }
    const document = documents.get(query) ?? parse(query);
    documents.set(query, document);
    const contextValue: ResolverContext = {
      place: { seed, schema, onlyAccessible: faults === noFaults },
      faults,
      subgraph: name,
    };
    const result = await execute({
      schema,
      document,
      contextValue,
      fieldResolver,
      typeResolver: (value) => (value as SyntheticObject).__typename,
      variableValues: variables ?? {},
    });
    // Over the wire everything is JSON, and nobody shares objects.
    return JSON.parse(JSON.stringify(result)) as {
      data: Record<string, unknown>;
      errors: GraphQLFormattedError[];
    };
  };
}
