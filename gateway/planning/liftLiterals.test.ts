import { buildSchema, parse, print, validate } from 'graphql';
import { liftLiterals } from './liftLiterals.js';

const schema = buildSchema(`
  scalar Money
  enum Color { RED BLUE }
  input Range { from: Int = 1  to: Float  deep: [Range!]  money: Money }
  type Query {
    item(id: ID, text: String, color: Color, flag: Boolean, range: Range, list: [Int!], money: Money): Item
  }
  type Item { name(upper: Boolean): String  same(id: ID!): Item }`);

function lift(text: string) {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const lifted = liftLiterals(document, schema);
  if (lifted === undefined) return undefined;
  expect(validate(schema, lifted.document)).toEqual([]);
  return { text: print(lifted.document).replaceAll(/\s+/g, ' '), literals: lifted.literals };
}

describe('liftLiterals', () => {
  it('puts variables of the right types into the places of literals, and says what they stand for', () => {
    const values = 'id: 90071992547409931, text: "a", color: RED, flag: true, list: 3';
    const range = 'range: { to: 2, deep: [{ from: null }] }';
    const lifted = lift(`query Q($x: Boolean) { item(${values}, ${range}) { name(upper: $x) } }`);
    expect(lifted?.text).toContain(
      'query Q($x: Boolean, $literal_0: ID, $literal_1: String, $literal_2: Color, $literal_3: Boolean, $literal_4: [Int!], $literal_5: Range)',
    );
    expect(lifted?.literals).toEqual({
      literal_0: '90071992547409931',
      literal_1: 'a',
      literal_2: 'RED',
      literal_3: true,
      literal_4: 3,
      literal_5: { to: 2, deep: [{ from: null }] },
    });
  });

  it('makes one document of those that differ in literals alone, also in fragments', () => {
    const of = (id: string) =>
      lift(`{ item(id: "${id}") { ...F } } fragment F on Item { same(id: "${id}x") { name } }`)?.text;
    expect(of('1')).toBeDefined();
    expect(of('1')).toBe(of('2'));
  });

  it('gives equal arguments one variable, since fields of one name in the response must have the same', () => {
    expect(lift('{ item(id: 1) { name } item(id: 1) { same(id: 1) { name } } }')?.literals).toEqual({
      literal_0: '1',
      literal_1: '1',
    });
  });

  it('takes objects for equal whatever the order of their fields, as the rules for fields of one name do', () => {
    const one = 'item(range: { from: 1, deep: [{ from: 2, to: 3 }] }) { name }';
    const other = '... on Query { item(range: { deep: [{ to: 3, from: 2 }], from: 1 }) { name } }';
    expect(lift(`{ ${one} ${other} }`)?.literals).toEqual({
      literal_0: { from: 1, deep: [{ from: 2, to: 3 }] },
    });
  });

  it.each([
    ['directives', '{ item { name @skip(if: true) } }'],
    ['null', '{ item(id: null) { name } }'],
    ['custom scalars', '{ item(money: 1) { name } }'],
    ['custom scalars in input objects', '{ item(range: { money: "1" }) { name } }'],
    ['introspection', '{ __type(name: "Item") { name } }'],
    ['fields of introspection', '{ __schema { types { fields(includeDeprecated: true) { name } } } }'],
    ['values that variables are part of', 'query ($x: Int) { item(range: { from: $x }) { name } }'],
    [
      'a document with a variable of such a name',
      'query ($literal_1: ID) { item(id: $literal_1, text: "a") { name } }',
    ],
  ])('leaves %s alone', (_what, text) => {
    expect(lift(text)).toBeUndefined();
  });

  it('leaves documents of several operations alone', () => {
    expect(lift('query A { item(id: 1) { name } } query B { item(id: 2) { name } }')).toBeUndefined();
  });
});
