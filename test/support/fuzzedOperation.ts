import fc from 'fast-check';
import { federationLink } from './federationLink.js';
import type { TestSubgraphDefinition } from './testSubgraph.js';

/** A little of everything that an operation can meet in a schema; its subscriptions end by themselves. */
export const fuzzedSubgraph: TestSubgraphDefinition = {
  name: 'fuzzed',
  typeDefs: `${federationLink('@key', '@cost', '@listSize')}
    type Query {
      hello(name: String): String @cost(weight: 2)
      item(id: ID!, one: One): Item
      items(first: Int = 2, by: By): [Item!]! @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
      node: Node
      any(value: Anything): Anything
    }
    type Mutation { add(item: In!): Item }
    type Subscription { ticks(count: Int, by: By): Int! items(in: In): Item }
    interface Node { id: ID! }
    type Item implements Node @key(fields: "id") { id: ID! size(in: Unit): Float related(first: Int): [Item] other: Other }
    type Part implements Node { id: ID! whole: Item }
    union Other = Item | Part
    enum Unit { CM INCH }
    input By { ids: [[ID!]] unit: Unit = CM inner: By }
    input In { id: ID! tags: [String!] = ["a"] one: One }
    input One { id: ID number: Int }
    scalar Anything
  `,
  resolvers: {
    Query: {
      hello: () => 'hi',
      item: (_: unknown, { id }: { id: string }) => ({ __typename: 'Item', id }),
      items: () => [{ id: '1' }],
      node: () => ({ __typename: 'Part', id: '2' }),
      any: (_: unknown, { value }: { value: unknown }) => value ?? null,
    },
    Mutation: { add: () => ({ id: '3' }) },
    Subscription: {
      ticks: { subscribe: () => once(1), resolve: (event: unknown) => event },
      items: { subscribe: () => once({ id: '4' }), resolve: (event: unknown) => event },
    },
    Item: { __resolveReference: ({ id }: { id: string }) => ({ id }), size: () => 1.5, related: () => [] },
    Part: { whole: () => null },
  },
};

async function* once(event: unknown) {
  yield event;
}

export interface FuzzedOperation {
  readonly query: string;
  readonly variables?: unknown;
  readonly operationName?: unknown;
}

/** Of each type the fields: what they may be given, and what they lead to; a scalar leads to nothing. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, readonly [given: string, type: string]>>>> = {
  Query: {
    hello: ['name: STRING', ''],
    item: ['id: ID, one: ONE', 'Item'],
    items: ['first: INT, by: BY', 'Item'],
    node: ['', 'Node'],
    any: ['value: ANY', ''],
  },
  Mutation: { add: ['item: IN', 'Item'] },
  Subscription: { ticks: ['count: INT, by: BY', ''], items: ['in: IN', 'Item'] },
  Node: { id: ['', ''] },
  Item: { id: ['', ''], size: ['in: UNIT', ''], related: ['first: INT', 'Item'], other: ['', 'Other'] },
  Part: { id: ['', ''], whole: ['', 'Item'] },
  Other: {},
};
const TYPES = Object.keys(FIELDS);
/** Of each kind of value: texts for it, the variable of that kind, and what the variable is declared as. */
const VALUES: Readonly<
  Record<string, readonly [literals: readonly string[], variable: string, type: string]>
> = {
  STRING: [['"x"', '"""x"""', '"\\uD83D\\uDE00"', 'null'], '$string', 'String'],
  ID: [['"1"', '7', '"__proto__"'], '$id', 'ID!'],
  INT: [['2', '0', '-1', '2147483647', 'null'], '$int', 'Int'],
  ANY: [['1e300', '[[1] {}]', '{ __proto__: { a: 1 } }', '9'.repeat(40), '-0'], '$__proto__', 'Anything'],
  UNIT: [['CM', 'INCH', 'null'], '$unit', 'Unit'],
  BY: [['{}', '{ ids: "1" }', '{ unit: $unit, inner: { ids: [["1", "2"], null] } }', 'null'], '$by', 'By'],
  IN: [
    ['{ id: "1" }', '{ id: $id, tags: "b", one: null }', '{ id: 1, one: { number: $int } }'],
    '$in',
    'In!',
  ],
  ONE: [['{ id: "1" }', '{ number: 3 }', '{}', 'null'], '$constructor', 'One'],
  BOOLEAN: [['true', 'false'], '$boolean', 'Boolean!'],
};
const DIRECTIVES = [
  '@skip(if: BOOLEAN)',
  '@include(if: BOOLEAN)',
  '@skip(if: BOOLEAN) @include(if: BOOLEAN)',
];
const FRAGMENT_DIRECTIVES = [...DIRECTIVES, '@defer', '@defer(if: BOOLEAN)', '@defer(label: "x")'];
const OPERATION_DIRECTIVES = ['@live', '@live(throttle: INT)', '@live(if: BOOLEAN)'];
/** In the place of something right, where it is mostly wrong. */
const ODD_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'nothing',
  '_entities',
  '__schema',
];
const ODD_VALUES = [
  '1',
  '"1"',
  '{}',
  '[[]]',
  'null',
  'NOTHING',
  '1e400',
  '9'.repeat(40),
  '$boolean',
  '$missing',
];
const ODD_DIRECTIVES = [
  '@skip',
  '@include(unless: true)',
  '@include(if: true, if: $boolean)',
  '@stream(if: true)',
  '@live(throttle: -1)',
  '@defer(label: $string)',
  '@deprecated',
  '@__proto__',
  '@constructor(if: 1)',
];

/** So seldom wrong that of all operations a third fits the schema, and most others are wrong in one way. */
const mostly = <T>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 60, arbitrary: right }, wrong);
const seldom = <T>(usual: T, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, other);

function valueFor(kind: string): fc.Arbitrary<string> {
  const [literals, variable] = VALUES[kind] ?? [['1'], '$missing'];
  return mostly(fc.constantFrom(...literals, variable), fc.constantFrom(...ODD_VALUES));
}

/** Puts a value wherever a text has the name of a kind of them. */
function filled(text: string): fc.Arbitrary<string> {
  const parts = text.split(/\b([A-Z]{2,})\b/);
  return fc
    .tuple(...parts.map((part) => (part in VALUES ? valueFor(part) : fc.constant(part))))
    .map((all) => all.join(''));
}

const marked = (directives: readonly string[]) =>
  seldom('', mostly(fc.constantFrom(...directives).chain(filled), fc.constantFrom(...ODD_DIRECTIVES)));

function fieldOf(type: string, depth: number): fc.Arbitrary<string> {
  const fields = FIELDS[type] ?? {};
  const name = mostly(fc.constantFrom('__typename', ...Object.keys(fields)), fc.constantFrom(...ODD_NAMES));
  const alias = seldom('', fc.constantFrom('a: ', 'b: ', '__proto__: ', 'constructor: '));
  return name.chain((field) => {
    const [given, below] = (Object.hasOwn(fields, field) && fields[field]) || ['', ''];
    const all = given === '' ? fc.constant('') : filled(`(${given})`);
    const inner = below === '' ? fc.constant('') : selectionsOf(below, depth - 1);
    return fc
      .tuple(alias, mostly(all, fc.constant('')), marked(DIRECTIVES), inner)
      .map(([as, args, directives, selections]) => `${as}${field}${args} ${directives}${selections}`);
  });
}

/** Fragments are named after the type they are on, so that all that are spread can be added at the end. */
function fragmentOf(type: string, depth: number): fc.Arbitrary<string> {
  const on = mostly(
    fc.constantFrom(type, ...(type === 'Node' || type === 'Other' ? ['Item', 'Part'] : [type])),
    fc.constantFrom(...TYPES, 'In', '__proto__'),
  );
  const marks = marked(FRAGMENT_DIRECTIVES);
  return fc.oneof(
    fc.tuple(on, marks).map(([name, directives]) => `...On${name} ${directives}`),
    fc
      .tuple(on, marks)
      .chain(([name, directives]) =>
        selectionsOf(name, depth - 1).map((selections) => `... on ${name} ${directives}${selections}`),
      ),
  );
}

function selectionsOf(type: string, depth: number): fc.Arbitrary<string> {
  if (depth <= 0) return fc.constant('{ __typename }');
  const one = fc.oneof({ weight: 3, arbitrary: fieldOf(type, depth) }, fragmentOf(type, depth));
  // Of a subscription two would be too many.
  const maxLength = type === 'Subscription' ? 1 : 3;
  return fc.array(one, { minLength: 1, maxLength }).map((all) => `{ ${all.join(' ')} }`);
}

const KINDS = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;
const fragments = fc.record(Object.fromEntries(TYPES.map((type) => [type, selectionsOf(type, 1)])));
const operation = fc
  .constantFrom<(keyof typeof KINDS)[]>('query', 'query', 'mutation', 'subscription')
  .chain((kind) =>
    fc.tuple(
      fc.constant(kind),
      kind === 'query' ? marked(OPERATION_DIRECTIVES) : fc.constant(''),
      selectionsOf(KINDS[kind], 3),
      fragments,
    ),
  );

const oddDefinition = fc.constantFrom('$boolean: Boolean', '$int: In', '$id: ID! = null', '$by: __proto__');
const query = fc
  .tuple(operation, seldom('', oddDefinition))
  .map(([[kind, directives, selections, bodies], odd]) => {
    const names = new Set([...selections.matchAll(/\.\.\.On(\w+)/g)].map(([, type = '']) => type));
    const added = [...names]
      .filter((type) => type in bodies)
      .map((type) => `fragment On${type} on ${type} ${bodies[type]}`);
    const text = [selections, ...added].join('\n');
    const definitions = Object.values(VALUES)
      .filter(([, variable]) => `${directives}${text}`.includes(variable))
      .map(([, variable, type]) => `${variable}: ${type}`);
    const all = odd === '' ? definitions : [...definitions, odd];
    return `${kind} A${all.length > 0 ? `(${all.join(', ')})` : ''} ${directives}${text}`;
  });

const oddVariable = fc.oneof(
  fc.constantFrom<unknown>(null, -1, 2 ** 53, 1e300, 'x', [], {}, [['1']], { __proto__: null }),
  fc.jsonValue({ maxDepth: 2 }),
);
const variables = fc.record({
  boolean: mostly<unknown>(fc.boolean(), oddVariable),
  int: mostly<unknown>(fc.constantFrom(1, 0, null), oddVariable),
  id: mostly<unknown>(fc.constantFrom('1', 2), oddVariable),
  string: mostly<unknown>(fc.constantFrom('x', ''), oddVariable),
  unit: mostly<unknown>(fc.constantFrom('CM', null), oddVariable),
  by: mostly<unknown>(fc.constantFrom({}, { ids: ['1'], inner: {} }), oddVariable),
  in: mostly<unknown>(fc.constantFrom({ id: '1' }, { id: 2, tags: 'a' }), oddVariable),
  constructor: mostly<unknown>(fc.constantFrom({ id: '1' }, null), oddVariable),
});

/** Documents that fit the schema of `fuzzedSubgraph` but for a detail, with variables that do. */
export const fuzzedOperation: fc.Arbitrary<FuzzedOperation> = fc.record({
  query,
  variables: mostly<unknown>(variables, fc.constantFrom(undefined, null, {})),
  operationName: mostly<unknown>(fc.constantFrom(undefined, null, 'A'), fc.constantFrom('', '__proto__')),
});
