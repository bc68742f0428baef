import {
  DirectiveLocation,
  type DocumentNode,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLInt,
  GraphQLSchema,
  getDirectiveValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';

/** The gateway's own: no subgraph ever sees it. */
const LIVE_DIRECTIVE = new GraphQLDirective({
  name: 'live',
  description:
    'Sends the result, and again whenever something in it has changed. Over WebSocket, SSE or multipart only.',
  locations: [DirectiveLocation.QUERY],
  args: {
    patch: {
      type: GraphQLBoolean,
      defaultValue: false,
      description: 'After the first result, sends changes as JSON Patch (RFC 6902) where that is shorter.',
    },
    throttleMs: { type: GraphQLInt, description: 'The least time between two results.' },
  },
});

export interface LiveOptions {
  readonly patch: boolean;
  readonly throttleMs: number | undefined;
}

/** The schema that clients see, with `@live`; as it is, where the graph has a directive of this name itself. */
export function withLiveDirective(schema: GraphQLSchema): GraphQLSchema {
  if (schema.getDirective(LIVE_DIRECTIVE.name)) return schema;
  const config = schema.toConfig();
  return new GraphQLSchema({
    ...config,
    directives: [...config.directives, LIVE_DIRECTIVE],
  });
}

/** Whether a valid operation is a live query. */
export function isLive(schema: GraphQLSchema, { directives = [] }: OperationDefinitionNode): boolean {
  return (
    directives.some(({ name }) => name.value === LIVE_DIRECTIVE.name) &&
    schema.getDirective(LIVE_DIRECTIVE.name) === LIVE_DIRECTIVE
  );
}

/** @param variables coerced. @throws GraphQLError when an argument has no valid value */
export function liveOptions(
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): LiveOptions {
  const { patch, throttleMs } = getDirectiveValues(LIVE_DIRECTIVE, operation, variables) ?? {};
  return { patch: patch === true, throttleMs: typeof throttleMs === 'number' ? throttleMs : undefined };
}

/** For the planner, which knows nothing of it. Variables that only it uses stay defined, which harms nobody. */
export function withoutLive(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const has = document.definitions.some(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION && isLive(schema, definition),
  );
  if (!has) return document;
  return visit(document, {
    Directive: (directive) => (directive.name.value === LIVE_DIRECTIVE.name ? null : undefined),
  });
}
