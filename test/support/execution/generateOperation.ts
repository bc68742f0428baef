import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
  validate,
} from 'graphql';
import { createRandom, type Random } from './random.js';

export interface GeneratedOperation {
  readonly text: string;
  readonly variables: Record<string, unknown>;
}

interface Draft {
  readonly schema: GraphQLSchema;
  readonly random: Random;
  readonly definitions: Map<string, { type: string; value: unknown }>;
  readonly fragments: string[];
  budget: number;
}

/** A value of an input type, as JSON. */
function inputValue(type: GraphQLInputType, random: Random): unknown {
  if (isNonNullType(type)) {
    return inputValue(type.ofType, random) ?? 'never';
  }
  if (isListType(type)) {
    return Array.from({ length: random.below(3) }, () => inputValue(type.ofType, random));
  }
  if (isEnumType(type)) {
    return random.pick(type.getValues()).name;
  }
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (field) => isRequiredInputField(field) || random.chance(0.5),
    );
    return Object.fromEntries(fields.map((field) => [field.name, inputValue(field.type, random)]));
  }
  switch (type.name) {
    case 'Int':
      return random.below(5);
    case 'Float':
      return random.below(50) / 4;
    case 'Boolean':
      return random.chance(0.5);
    default:
      return `id#${1 + random.below(5)}`;
  }
}

function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) {
    return literal(value, type.ofType);
  }
  if (Array.isArray(value) && isListType(type)) {
    return `[${value.map((item) => literal(item, type.ofType)).join(', ')}]`;
  }
  if (isInputObjectType(type)) {
    const fields = Object.entries(value as object).map(([name, item]) => {
      const field = type.getFields()[name];
      return `${name}: ${field ? literal(item, field.type) : 'null'}`;
    });
    return `{${fields.join(', ')}}`;
  }
  return isEnumType(type) ? String(value) : JSON.stringify(value);
}

function argument(definition: GraphQLArgument, draft: Draft): string {
  const value = inputValue(definition.type, draft.random);
  if (draft.random.chance(0.5)) {
    return `${definition.name}: ${literal(value, definition.type)}`;
  }
  const name = `v${draft.definitions.size}`;
  draft.definitions.set(name, { type: String(definition.type), value });
  return `${definition.name}: $${name}`;
}

function condition(draft: Draft): string {
  const { random, definitions } = draft;
  if (!random.chance(0.12)) {
    return '';
  }
  const kind = random.pick(['skip', 'include']);
  if (random.chance(0.25)) {
    return ` @${kind}(if: ${random.chance(0.5)})`;
  }
  const name = random.pick(['a', 'b', 'c']);
  if (!definitions.has(name)) {
    definitions.set(name, { type: name === 'c' ? 'Boolean = true' : 'Boolean!', value: random.chance(0.5) });
  }
  return ` @${kind}(if: $${name})${random.chance(0.1) ? ` @${kind === 'skip' ? 'include' : 'skip'}(if: $${name})` : ''}`;
}

const oddAliases = [
  'constructor',
  '__proto__',
  'toString',
  'x',
  'y',
  'hasOwnProperty',
  'id',
  'sku',
  'price',
  '__typename',
];

function field(definition: GraphQLField<unknown, unknown>, depth: number, draft: Draft): string | undefined {
  const { random } = draft;
  const named = getNamedType(definition.type);
  const needsSelection = isCompositeType(named);
  if (needsSelection && (depth <= 0 || draft.budget <= 0)) {
    return undefined;
  }
  draft.budget--;
  const chosen = definition.args.filter((arg) => isRequiredArgument(arg) || random.chance(0.4));
  const args = chosen.length === 0 ? '' : `(${chosen.map((arg) => argument(arg, draft)).join(', ')})`;
  const alias = random.chance(0.12)
    ? `${random.chance(0.15) ? random.pick(oddAliases) : `${definition.name}${random.below(3)}`}: `
    : '';
  const selection = needsSelection ? ` ${selectionSet(named, depth - 1, draft)}` : '';
  return `${alias}${definition.name}${args}${condition(draft)}${selection}`;
}

function typeConditions(type: GraphQLNamedType, schema: GraphQLSchema): string[] {
  if (isAbstractType(type)) {
    const members = schema.getPossibleTypes(type);
    const interfaces = members.flatMap((member) => member.getInterfaces());
    return [type.name, ...members.map(({ name }) => name), ...interfaces.map(({ name }) => name)];
  }
  return isObjectType(type) ? [type.name, ...type.getInterfaces().map(({ name }) => name)] : [];
}

function fragment(type: GraphQLNamedType, depth: number, draft: Draft): string {
  const { random, schema } = draft;
  const name = random.pick(typeConditions(type, schema));
  const conditional = schema.getType(name) ?? type;
  const selection = selectionSet(conditional, depth, draft);
  if (!random.chance(0.3)) {
    const withType = name !== type.name || random.chance(0.6);
    return `...${withType ? ` on ${name}` : ''}${condition(draft)} ${selection}`;
  }
  const fragmentName = `F${draft.fragments.length}`;
  draft.fragments.push(`fragment ${fragmentName} on ${name} ${selection}`);
  const again = random.chance(0.3) ? ` ...${fragmentName}` : '';
  return `...${fragmentName}${condition(draft)}${again}`;
}

function selectionSet(type: GraphQLNamedType, depth: number, draft: Draft): string {
  const { random } = draft;
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  const parts: string[] = [];
  const wanted = 1 + random.below(4);
  for (let index = 0; index < wanted && fields.length > 0; index++) {
    const part = field(random.pick(fields), depth, draft);
    if (part !== undefined) {
      parts.push(part);
    }
  }
  if (random.chance(isAbstractType(type) ? 0.5 : 0.12)) {
    parts.splice(random.below(parts.length + 1), 0, random.chance(0.2) ? 'kind: __typename' : '__typename');
  }
  const fragments = isAbstractType(type) ? 1 + random.below(2) : random.chance(0.2) ? 1 : 0;
  for (let index = 0; index < fragments && draft.budget > 0 && depth > 0; index++) {
    parts.splice(random.below(parts.length + 1), 0, fragment(type, depth - 1, draft));
  }
  return `{ ${parts.length === 0 ? '__typename' : parts.join(' ')} }`;
}

function draftOperation(schema: GraphQLSchema, random: Random): GeneratedOperation {
  const draft: Draft = {
    schema,
    random,
    definitions: new Map(),
    fragments: [],
    budget: 8 + random.below(20),
  };
  const mutation = schema.getMutationType();
  const isMutation = mutation !== undefined && mutation !== null && random.chance(0.1);
  const root = isMutation ? mutation : schema.getQueryType();
  if (root === undefined || root === null) {
    throw new Error('no query type');
  }
  const selection = selectionSet(root, 3 + random.below(3), draft);
  const introspection = !isMutation && random.chance(0.03) ? '{ __schema { queryType { name } } ' : '{ ';
  const definitions = [...draft.definitions].map(([name, { type }]) => `$${name}: ${type}`);
  const header = `${isMutation ? 'mutation' : 'query'} Generated${definitions.length > 0 ? `(${definitions.join(', ')})` : ''}`;
  const text = `${header} ${introspection}${selection.slice(2)}\n${draft.fragments.join('\n')}`;
  const given = [...draft.definitions].filter(([, { type }]) => !type.includes('=') || random.chance(0.5));
  return { text, variables: Object.fromEntries(given.map(([name, { value }]) => [name, value])) };
}

/** A random operation that is valid for the schema; the seed determines it. */
export function generateOperation(schema: GraphQLSchema, seed: string): GeneratedOperation {
  const random = createRandom(seed);
  for (;;) {
    const operation = draftOperation(schema, random);
    if (validate(schema, parse(operation.text)).length === 0) {
      return operation;
    }
  }
}
