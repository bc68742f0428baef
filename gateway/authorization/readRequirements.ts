import type { Schema } from '@apollo/federation-internals';
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isUnionType,
  valueFromASTUntyped,
} from 'graphql';
import { AUTHENTICATED, type Requirement, requiresPolicies, requiresScopes } from './authority.js';

/** Features whose directives are enforced here. A version that is not listed is refused with the supergraph. */
export const AUTHORIZATION_FEATURES = [
  'https://specs.apollo.dev/authenticated/v0.1',
  'https://specs.apollo.dev/requiresScopes/v0.1',
  'https://specs.apollo.dev/policy/v0.1',
];

/** Which requirements the parts of a supergraph have. */
export interface Requirements {
  readonly all: readonly Requirement[];
  /** Indexes in `all`: everything that has to hold for a field to be seen. */
  ofField(parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>): readonly number[];
}

/** `undefined` when nothing in the supergraph requires anything. */
export function readRequirements(
  supergraph: Schema,
  document: DocumentNode,
  schema: GraphQLSchema,
): Requirements | undefined {
  const all: Requirement[] = [];
  const idOf = new Map<string, number>();
  /** Of a type by its name, of a field by `Type.field`. */
  const own = new Map<string, number[]>();
  const names = directiveNames(supergraph);

  function note(element: string, directives: readonly ConstDirectiveNode[] | undefined): void {
    for (const directive of directives ?? []) {
      const make = names.get(directive.name.value);
      if (make === undefined) continue;
      const argument = directive.arguments?.[0];
      const value: unknown = argument === undefined ? undefined : valueFromASTUntyped(argument.value);
      const key = `${directive.name.value}${JSON.stringify(value)}`;
      const id = idOf.get(key) ?? all.push(make(value)) - 1;
      idOf.set(key, id);
      own.set(element, [...(own.get(element) ?? []), id]);
    }
  }
  for (const definition of document.definitions) {
    if (!isNamedType(definition)) continue;
    const type = definition.name.value;
    note(type, definition.directives);
    for (const field of 'fields' in definition ? (definition.fields ?? []) : []) {
      note(`${type}.${field.name.value}`, field.directives);
    }
  }
  if (all.length === 0) return undefined;

  /**
   * Through an interface the same field must not be easier to reach than through the object, nor the other way round:
   * whichever way a client asks, the answer is one object with one field.
   */
  function work(parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>): readonly number[] {
    const known = schema.getType(parent.name) ?? parent;
    const elements = [parent.name, `${parent.name}.${field.name}`, getNamedType(field.type).name];
    if (isAbstractType(known)) {
      for (const { name } of schema.getPossibleTypes(known)) elements.push(name, `${name}.${field.name}`);
    }
    if (!isUnionType(known) && 'getInterfaces' in known) {
      for (const { name } of known.getInterfaces()) elements.push(`${name}.${field.name}`);
    }
    return [...new Set(elements.flatMap((element) => own.get(element) ?? []))];
  }

  const known = new Map<string, readonly number[]>();
  return {
    all,
    ofField(parent, field) {
      // Of `__typename` and introspection nothing is required.
      if (field.name.startsWith('__')) return [];
      const key = `${parent.name}.${field.name}`;
      let ids = known.get(key);
      if (ids === undefined) {
        ids = work(parent, field);
        known.set(key, ids);
      }
      return ids;
    },
  };
}

/** Directives by the names that this supergraph gives them. */
function directiveNames(supergraph: Schema): Map<string, (argument: unknown) => Requirement> {
  const names = new Map<string, (argument: unknown) => Requirement>();
  const kinds: Record<string, (argument: unknown) => Requirement> = {
    authenticated: () => AUTHENTICATED,
    requiresScopes: (argument) => requiresScopes(asLists(argument)),
    policy: (argument) => requiresPolicies(asLists(argument)),
  };
  for (const [directive, make] of Object.entries(kinds)) {
    const feature = supergraph.coreFeatures?.getByIdentity(`https://specs.apollo.dev/${directive}`);
    if (feature) names.set(feature.directiveNameInSchema(directive), make);
  }
  return names;
}

function asLists(argument: unknown): readonly (readonly string[])[] {
  const isListOfLists =
    Array.isArray(argument) &&
    argument.every((all) => Array.isArray(all) && all.every((one) => typeof one === 'string'));
  if (!isListOfLists) throw new Error('an authorization directive has an argument that is no list of lists');
  return argument;
}

type NamedTypeNode = DefinitionNode & {
  readonly name: { readonly value: string };
  readonly directives?: readonly ConstDirectiveNode[];
};

function isNamedType(definition: DefinitionNode): definition is NamedTypeNode {
  return definition.kind.endsWith('TypeDefinition') || definition.kind.endsWith('TypeExtension');
}
