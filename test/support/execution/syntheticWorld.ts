import {
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { collectFacts } from './federationFacts.js';
import { hash } from './random.js';

/** An object of the synthetic data: all it holds follows from its identity. */
export interface SyntheticObject {
  readonly __typename: string;
  readonly $identity: string;
  /** The number that an entity's keys carry. */
  readonly $number?: number | undefined;
  /** A value object inside a key: its leaves carry the entity's number. */
  readonly $inKey?: boolean | undefined;
  /** What the gateway sent, in a subgraph. */
  readonly $representation?: Record<string, unknown> | undefined;
}

export interface Place {
  readonly seed: string;
  readonly schema: GraphQLSchema;
  /** Leave out what the API schema hides. */
  readonly onlyAccessible: boolean;
}

/**
 * Data without storage: the value of a field is a function of seed, entity, field and arguments, so that every
 * subgraph, and a schema without federation, agree on it in whatever order they are asked.
 */
export interface SyntheticWorld {
  value(
    parent: SyntheticObject,
    parentType: string,
    field: string,
    args: object,
    type: GraphQLOutputType,
    place: Place,
  ): unknown;
  /** `undefined` if the representation has no key. */
  entity(
    typename: string,
    representation: Record<string, unknown>,
    place: Place,
  ): SyntheticObject | undefined;
}

const entityCount = 5;
const oddTexts = ['plain', 'quo"ted', 'back\\slash', 'line\nbreak', 'é漢😀', '', '\u2028', '<script>'];

function leafValue(type: GraphQLLeafType, key: string, place: Place): unknown {
  const number = hash(key);
  if (isEnumType(type)) {
    const names = type
      .getValues()
      .map((value) => value.name)
      .sort();
    const candidates = place.onlyAccessible ? names.filter((name) => !name.startsWith('HIDDEN')) : names;
    return candidates[number % candidates.length];
  }
  switch (type.name) {
    case 'Int':
      return (number % 41) - 20;
    case 'Float':
      return ((number % 801) - 400) / 8;
    case 'Boolean':
      return number % 2 === 0;
    case 'ID':
      return `id${number % 50}`;
    case 'String':
      return `${oddTexts[number % oddTexts.length]}${number % 97}`;
    default:
      return { any: [number % 7, { __proto: 'x' }], text: `${number % 13}` };
  }
}

export function createSyntheticWorld(
  documents: readonly string[],
  supergraph: GraphQLSchema,
): SyntheticWorld {
  const { keyFields, requires, families } = collectFacts(documents, supergraph);
  const familyOf = (typename: string): string => families.get(typename) ?? typename;

  const concreteType = (family: string, number: number, seed: string): string => {
    const type = supergraph.getType(family);
    if (!isInterfaceType(type)) {
      return family;
    }
    const members = supergraph
      .getPossibleTypes(type)
      .map(({ name }) => name)
      .sort();
    return members[hash(`${seed}/type/${family}/${number}`) % members.length] ?? family;
  };

  const entityOf = (typename: string, start: number, place: Place): SyntheticObject => {
    const family = familyOf(typename);
    let number = 1 + (start % entityCount);
    // A field that returns a concrete type needs an entity that is of that type.
    while (family !== typename && concreteType(family, number, place.seed) !== typename) {
      number++;
    }
    return namedEntity(typename, number, place);
  };

  const namedEntity = (typename: string, number: number, place: Place): SyntheticObject => {
    const family = familyOf(typename);
    const isInterfaceHere = family === typename && isInterfaceType(place.schema.getType(typename));
    const type = isInterfaceHere ? concreteType(family, number, place.seed) : typename;
    return { __typename: type, $identity: `${family}#${number}`, $number: number };
  };

  const objectValue = (
    parent: SyntheticObject,
    field: string,
    type: GraphQLObjectType,
    key: string,
    place: Place,
  ): unknown => {
    const isOwnKey = parent.$number !== undefined && keyFields.get(parent.__typename)?.has(field) === true;
    if (keyFields.has(type.name) || families.has(type.name)) {
      return isOwnKey
        ? namedEntity(type.name, parent.$number ?? 0, place)
        : entityOf(type.name, hash(key), place);
    }
    return {
      __typename: type.name,
      $identity: key,
      $number: isOwnKey ? parent.$number : undefined,
      $inKey: isOwnKey,
    };
  };

  const ofType = (
    parent: SyntheticObject,
    field: string,
    type: GraphQLOutputType,
    key: string,
    place: Place,
  ): unknown => {
    if (isNonNullType(type)) {
      return ofType(parent, field, type.ofType, key, place);
    }
    if (isListType(type)) {
      const { ofType: itemType } = type;
      return Array.from({ length: hash(`${key}/length`) % 4 }, (_, index) =>
        ofType(parent, field, itemType, `${key}[${index}]`, place),
      );
    }
    if (isLeafType(type)) {
      return leafValue(type, key, place);
    }
    if (isAbstractType(type)) {
      if (keyFields.has(type.name)) {
        return entityOf(type.name, hash(key), place);
      }
      const members = place.schema
        .getPossibleTypes(type)
        .filter(({ name }) => !place.onlyAccessible || !name.startsWith('Hidden'));
      const sorted = [...members].sort((a, b) => (a.name < b.name ? -1 : 1));
      const member = sorted[hash(`${key}/type`) % sorted.length];
      return member && objectValue(parent, field, member, key, place);
    }
    return objectValue(parent, field, type, key, place);
  };

  /** What a gateway would put into a representation for these fields. */
  const materialise = (
    parent: SyntheticObject,
    selectionSet: SelectionSetNode,
    place: Place,
  ): Record<string, unknown> => {
    const whole = { ...place, schema: supergraph };
    const result: Record<string, unknown> = {};
    for (const selection of selectionSet.selections) {
      const type = supergraph.getType(parent.__typename);
      if (selection.kind !== Kind.FIELD || !isObjectType(type)) {
        continue;
      }
      const name = selection.name.value;
      const definition = type.getFields()[name];
      if (definition === undefined) {
        throw new Error(`${type.name} has no field ${name}`);
      }
      const args = Object.fromEntries(
        (selection.arguments ?? []).map(({ name: argument, value }) => [
          argument.value,
          'value' in value ? (value.kind === Kind.INT ? Number(value.value) : value.value) : null,
        ]),
      );
      const value = world.value(parent, type.name, name, args, definition.type, whole);
      const nested = selection.selectionSet;
      result[name] =
        nested === undefined || isLeafType(getNamedType(definition.type))
          ? value
          : deepMaterialise(value, nested, place);
    }
    return result;
  };

  const deepMaterialise = (value: unknown, selectionSet: SelectionSetNode, place: Place): unknown =>
    Array.isArray(value)
      ? value.map((item) => deepMaterialise(item, selectionSet, place))
      : materialise(value as SyntheticObject, selectionSet, place);

  const pickSelected = (value: unknown, selectionSet: SelectionSetNode | undefined): unknown => {
    if (selectionSet === undefined || typeof value !== 'object' || value === null) {
      return value ?? null;
    }
    if (Array.isArray(value)) {
      return value.map((item) => pickSelected(item, selectionSet));
    }
    return Object.fromEntries(
      selectionSet.selections.flatMap((selection) =>
        selection.kind === Kind.FIELD
          ? [
              [
                selection.name.value,
                pickSelected(
                  (value as Record<string, unknown>)[selection.name.value],
                  selection.selectionSet,
                ),
              ],
            ]
          : [],
      ),
    );
  };

  const requirement = (parent: SyntheticObject, parentType: string, field: string, place: Place): string => {
    const needed = requires.get(`${parentType}.${field}`) ?? requires.get(`${familyOf(parentType)}.${field}`);
    if (needed === undefined) {
      return '';
    }
    const values =
      parent.$representation === undefined
        ? materialise(parent, needed, place)
        : pickSelected(parent.$representation, needed);
    return JSON.stringify(values);
  };

  const numberOf = (value: unknown): number | undefined => {
    if (typeof value === 'number') {
      return value;
    }
    if (typeof value === 'string') {
      const digits = /#(\d+)$/.exec(value)?.[1];
      return digits === undefined ? undefined : Number(digits);
    }
    if (typeof value !== 'object' || value === null) {
      return undefined;
    }
    return Object.entries(value)
      .filter(([name]) => name !== '__typename')
      .map(([, item]) => numberOf(item))
      .find((found) => found !== undefined);
  };

  const world: SyntheticWorld = {
    value(parent, parentType, field, args, type, place) {
      const names = keyFields.get(parent.__typename) ?? keyFields.get(parentType);
      const isKey = parent.$number !== undefined && (parent.$inKey === true || names?.has(field) === true);
      const named = getNamedType(type);
      if (isKey && isLeafType(named)) {
        return named.name === 'Int' ? parent.$number : `${field}#${parent.$number}`;
      }
      const given = Object.keys(args).length === 0 ? '' : JSON.stringify(args);
      const key = `${place.seed}/${parent.$identity}.${field}(${given})${requirement(parent, parentType, field, place)}`;
      return ofType(parent, field, type, key, place);
    },
    entity(typename, representation, place) {
      const names = keyFields.get(typename) ?? new Set<string>();
      const number = [...names]
        .map((name) => numberOf(representation[name]))
        .find((found) => found !== undefined);
      if (number === undefined) {
        return undefined;
      }
      return { ...namedEntity(typename, number, place), $representation: representation };
    },
  };
  return world;
}
