import { parse } from 'graphql';
import { composeSupergraph } from '../../schema/composeSupergraph.js';
import { documentKeyOf } from '../supergraph/documentKey.js';
import { buildSnapshot } from '../supergraph/snapshot.js';
import { createMarkOperations } from './markOperations.js';
import type { UsageMark } from './usageMark.js';

const { supergraphSdl } = composeSupergraph([
  {
    name: 'shop',
    url: 'http://localhost/shop',
    typeDefs: `
      type Query { products(category: ID, first: Int = 10, filter: Filter, sort: Sort): [Product!]! node(id: ID!): Node }
      type Mutation { create(input: NewProduct!): Product }
      type Subscription { changed(id: ID): Product }
      interface Node { id: ID! }
      type Product implements Node { id: ID! name(language: String): String related(first: Int): [Product!]! }
      input Filter { maxPrice: Int, tags: [Tag!], not: Filter, sort: Sort = NAME }
      input Tag { name: String!, weight: Int }
      input NewProduct { name: String!, tags: [Tag!] }
      enum Sort { NAME PRICE }
    `,
  },
]);
const snapshot = buildSnapshot(supergraphSdl, { planCacheEntries: 10 });

const VARIABLES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const wide = buildSnapshot(
  composeSupergraph([
    {
      name: 'wide',
      url: 'http://localhost/wide',
      typeDefs: `type Query { many(${VARIABLES.map((name) => `${name}: Int`).join()}): Int }`,
    },
  ]).supergraphSdl,
  { planCacheEntries: 10 },
);

function mark(
  text: string,
  variables: Record<string, unknown> = {},
  operationName?: string,
  markOf = createMarkOperations(),
): UsageMark {
  const found = markOf({
    snapshot,
    documentKey: documentKeyOf(text),
    operationName,
    variables,
    document: () => ({ document: parse(text), text }),
  });
  if (found === undefined) throw new Error('not told');
  return found;
}

describe('what an operation uses', () => {
  it('are the fields that it selects, through fragments of all kinds, each on the type where it is selected', () => {
    const { coordinates, kind, name } = mark(`
      query Page { node(id: "1") { __typename id ... on Product { ...P } } }
      fragment P on Product { related { a: name b: name } }
    `);
    expect({ kind, name }).toEqual({ kind: 'query', name: 'Page' });
    expect(coordinates).toEqual({
      fields: ['Node.id', 'Product.name', 'Product.related', 'Query.node'],
      arguments: ['Query.node.id'],
      inputFields: [],
      enumValues: [],
    });
  });

  it('are arguments, input fields and enum values that are written in it, nested ones too', () => {
    const { coordinates } = mark(
      '{ products(sort: PRICE, filter: { tags: [{ name: "x" }], not: { sort: NAME } }) { name(language: null) } }',
    );
    expect(coordinates.arguments).toEqual([
      'Product.name.language',
      'Query.products.filter',
      'Query.products.sort',
    ]);
    expect(coordinates.inputFields).toEqual(['Filter.not', 'Filter.sort', 'Filter.tags', 'Tag.name']);
    expect(coordinates.enumValues).toEqual(['Sort.NAME', 'Sort.PRICE']);
  });

  it('are those that its variables really send, and not those that stay away', () => {
    const text = `query ($category: ID, $filter: Filter, $sort: Sort, $max: Int) {
      products(category: $category, filter: $filter, sort: $sort) { id }
      other: products(filter: { maxPrice: $max }) { id }
    }`;
    expect(mark(text).coordinates).toMatchObject({
      arguments: ['Query.products.filter'],
      inputFields: [],
      enumValues: [],
    });
    const all = {
      category: null,
      sort: 'PRICE',
      max: 3,
      filter: { tags: [{ name: 'a' }, { name: 'b', weight: 1 }] },
    };
    expect(mark(text, all).coordinates).toMatchObject({
      arguments: ['Query.products.category', 'Query.products.filter', 'Query.products.sort'],
      // Not Filter.sort, whose default the client did not send.
      inputFields: ['Filter.maxPrice', 'Filter.tags', 'Tag.name', 'Tag.weight'],
      enumValues: ['Sort.PRICE'],
    });
  });

  it('are the defaults of its own variables, unless they are given', () => {
    const text =
      'query ($filter: Filter = { sort: NAME }, $first: Int = 5) { products(filter: $filter, first: $first) { id } }';
    expect(mark(text).coordinates).toMatchObject({
      arguments: ['Query.products.filter', 'Query.products.first'],
      inputFields: ['Filter.sort'],
      enumValues: ['Sort.NAME'],
    });
    expect(mark(text, { filter: { maxPrice: 1 } }).coordinates).toMatchObject({
      inputFields: ['Filter.maxPrice'],
      enumValues: [],
    });
  });

  it('are those of mutations and subscriptions, and a variable that is no such thing is nothing', () => {
    const created = mark('mutation ($input: NewProduct!) { create(input: $input) { id } }', {
      input: 'nonsense',
    });
    expect(created).toMatchObject({
      kind: 'mutation',
      coordinates: {
        fields: ['Mutation.create', 'Product.id'],
        arguments: ['Mutation.create.input'],
        inputFields: [],
      },
    });
    expect(mark('subscription { changed { id } }').kind).toBe('subscription');
  });
});

describe('an operation', () => {
  it('is the same however it is written, and another one with other fields', () => {
    const ids = [
      '{ products(first: 1) { id } }',
      '{\n  products(first: 99) { id } # a comment\n}',
      '{ products(first: 1) { id name } }',
    ].map((text) => mark(text).id);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
    expect(ids[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it('shows no value that was written in it, and no comment', () => {
    const { text } = mark(
      '{ node(id: "secret-1") { id } products(first: 4711, sort: PRICE) { id } } # secret-2',
    );
    expect(text).not.toMatch(/secret|4711/);
    expect(text).toContain('PRICE');
    expect(() => parse(text)).not.toThrow();
  });

  it('is shown as it was sent when there is nothing to hide, so that its plan can be made elsewhere', () => {
    const text = 'query A($id: ID!) {node(id:$id){id}}';
    expect(mark(text, { id: '1' }).text).toBe(text);
  });

  it('is the one of its document that was asked for, with what it needs', () => {
    const text = 'query A { ...F } query B { node(id: "1") { id } } fragment F on Query { products { id } }';
    expect(mark(text, {}, 'B')).toMatchObject({
      name: 'B',
      coordinates: { fields: ['Node.id', 'Query.node'] },
    });
    expect(mark(text, {}, 'B').text).not.toContain('fragment');
  });

  it('is compiled once, and has a mark for each choice of what variables send, up to a bound', () => {
    const markOf = createMarkOperations();
    const text = 'query ($first: Int) { products(first: $first) { id } }';
    const without = mark(text, {}, undefined, markOf);
    const document = jest.fn();
    const again = markOf({
      snapshot,
      documentKey: documentKeyOf(text),
      operationName: undefined,
      variables: {},
      document,
    });
    expect(again).toBe(without);
    expect(document).not.toHaveBeenCalled();
    expect(mark(text, { first: 1 }, undefined, markOf)).not.toBe(without);
    expect(mark(text, { first: 2 }, undefined, markOf)).toBe(mark(text, { first: 1 }, undefined, markOf));
  });

  it('has room for what clients send today, whatever they sent before the last report', () => {
    const markOf = createMarkOperations();
    const text = `query (${VARIABLES.map((name) => `$${name}: Int`).join()}) {
      many(${VARIABLES.map((name) => `${name}: $${name}`).join()})
    }`;
    // Each number sends the variables whose bits it has.
    const marked = (choice: number) =>
      markOf({
        snapshot: wide,
        documentKey: documentKeyOf(text),
        operationName: undefined,
        variables: Object.fromEntries(
          VARIABLES.filter((_, bit) => choice & (1 << bit)).map((name) => [name, 1]),
        ),
        document: () => ({ document: parse(text), text }),
      });
    const client = { name: 'web', version: '1' };
    const before = Array.from({ length: 100 }, (_, choice) => marked(choice));
    for (const one of before) one?.counts.set('web', { client, count: 1, errors: 0 });
    expect(marked(100)).toBeUndefined();
    // The report took them.
    for (const one of before) one?.counts.clear();
    expect(marked(100)?.coordinates.arguments).toEqual(['Query.many.c', 'Query.many.f', 'Query.many.g']);
  });
});
