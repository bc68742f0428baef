import { buildSchema, type GraphQLObjectType, Kind, parse } from 'graphql';
import { compileProjections } from './projections.js';

const schema = buildSchema(`
  type Query { node: Node, item: Item, items: [Item!], grid: [[Item]!], all: [Item]!, any: Any }
  interface Node { id: ID }
  type Item implements Node { id: ID, must: String!, count: Int, size: Float, on: Boolean, mood: Mood, date: Date, self: Item!, tags: [String!] }
  type Other implements Node { id: ID }
  type Stranger { id: ID }
  union Any = Other
  enum Mood { HAPPY }
  scalar Date
`);

function project(text: string, data: Record<string, unknown>, variables: Record<string, unknown> = {}) {
  const document = parse(text);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) {
    throw new Error('no operation');
  }
  const fragments = Object.fromEntries(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
  const root = schema.getQueryType() as GraphQLObjectType;
  const projections = compileProjections(operation, fragments, schema, root, new Map());
  const { data: shaped, errors } = projections.forVariables(variables).project(data, {}, false);
  return { data: shaped, invalid: errors.map(({ path, message }) => [path?.join('.'), message]) };
}

const item = (fields: object = {}) => ({ __typename: 'Item', must: 'x', ...fields });

describe('a null in a non-null place', () => {
  it('takes the nearest nullable object with it', () => {
    expect(project('{ item { self { must } } }', { item: item({ self: item({ must: null }) }) })).toEqual({
      data: { item: null },
      invalid: [['item.self.must', 'Cannot return null for non-nullable field Item.must.']],
    });
  });

  it('takes a list whose elements cannot be null, and leaves one whose elements can', () => {
    const items = [item(), item({ must: null })];
    expect(project('{ items { must } }', { items }).data).toEqual({ items: null });
    expect(project('{ all { must } }', { all: items }).data).toEqual({ all: [{ must: 'x' }, null] });
    expect(project('{ grid { must } }', { grid: [items, [null]] }).data).toEqual({
      grid: [[{ must: 'x' }, null], [null]],
    });
    expect(project('{ grid { must } }', { grid: [items, null] }).data).toEqual({ grid: null });
  });

  it('takes the whole result when nothing on the way is nullable', () => {
    expect(project('{ all { must } }', {})).toEqual({
      data: null,
      invalid: [['all', 'Cannot return null for non-nullable field Query.all.']],
    });
  });
});

describe('a value that does not fit', () => {
  it.each<[string, unknown]>([
    ['count', 1.5],
    ['count', '1'],
    ['count', 1e21],
    ['size', '1'],
    ['on', 0],
    ['mood', 'SAD'],
    ['mood', 7],
    ['id', true],
    ['tags', 'x'],
    ['tags', [1]],
  ])('of the field %s becomes null: %j', (field, value) => {
    const { data, invalid } = project(`{ item { ${field} } }`, { item: item({ [field]: value }) });
    expect(data).toEqual({ item: { [field]: null } });
    expect(invalid).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['count', -0],
    ['size', 3],
    ['id', 7],
    ['mood', 'HAPPY'],
    ['date', { any: ['thing'] }],
    ['on', false],
    ['tags', []],
  ])('is told from one of the field %s that does: %j', (field, value) => {
    expect(project(`{ item { ${field} } }`, { item: item({ [field]: value }) })).toEqual({
      data: { item: { [field]: value } },
      invalid: [],
    });
  });

  it.each<[string, string, unknown]>([
    ['of a type that the API does not know', 'node', 'Hidden'],
    ['of a type that cannot stand there', 'node', 'Stranger'],
    ['of another type than the declared one', 'item', 'Other'],
    ['with a type name that is no text', 'item', 7],
  ])('%s becomes null', (_name, field, typename) => {
    const { data, invalid } = project(`{ ${field} { id } }`, { [field]: { __typename: typename, id: '1' } });
    expect(data).toEqual({ [field]: null });
    expect(invalid).toEqual([[field, `Invalid __typename found for object at field Query.${field}.`]]);
  });
});

describe('an object known by its interface only', () => {
  const data = { node: { __typename: 'Node', id: '1' } };

  it('shows the fields of the interface', () => {
    expect(project('{ node { id ... on Item { must } } }', data)).toEqual({
      data: { node: { id: '1' } },
      invalid: [],
    });
  });

  it('is null where its type is asked for', () => {
    expect(project('{ node { id __typename } }', data)).toMatchObject({
      data: { node: null },
      invalid: [['node.__typename', expect.anything()]],
    });
  });
});

describe('the order of the fields', () => {
  const text = `query ($a: Boolean!, $b: Boolean!) { item { ...F @include(if: $a) count must @skip(if: $b) } }
    fragment F on Item { must count }`;

  it.each<[boolean, boolean, string[]]>([
    [true, false, ['must', 'count']],
    [false, false, ['count', 'must']],
    [false, true, ['count']],
    [true, true, ['must', 'count']],
  ])('follows the conditions $a=%s, $b=%s', (a, b, order) => {
    const { data } = project(text, { item: item({ count: 1 }) }, { a, b });
    expect(Object.keys(data?.['item'] as object)).toEqual(order);
  });
});
