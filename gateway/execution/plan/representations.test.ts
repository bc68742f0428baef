import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { buildSchema } from 'graphql';
import { createTypeConditions } from '../typeConditions.js';
import { compileRepresentations } from './representations.js';

const schema = buildSchema(`
  type Query { media: Media }
  interface Media { id: ID }
  type Book implements Media { id: ID, isbn: ID }
`);
const conditions = createTypeConditions(schema);

function field(name: string, ...selections: QueryPlanSelectionNode[]): QueryPlanSelectionNode {
  return selections.length === 0 ? { kind: 'Field', name } : { kind: 'Field', name, selections };
}

function on(typeCondition: string, ...selections: QueryPlanSelectionNode[]): QueryPlanSelectionNode {
  return { kind: 'InlineFragment', typeCondition, selections };
}

const typename = field('__typename');

describe('a representation', () => {
  it('holds what the fragments for its type select, of the type or an interface of it', () => {
    const builder = compileRepresentations(
      [on('Media', typename, field('id')), on('Film', field('x'))],
      conditions,
    );
    const entity = { __typename: 'Book', id: '1', x: 1, title: 'T' };
    expect(builder.build(entity)).toEqual({ __typename: 'Book', id: '1' });
  });

  it('leaves out a fragment of which a part is missing, and is none without a type name', () => {
    const requires = [on('Book', typename, field('id')), on('Book', typename, field('isbn'))];
    const builder = compileRepresentations(requires, conditions);
    expect(builder.build({ __typename: 'Book', isbn: 'i' })).toEqual({ __typename: 'Book', isbn: 'i' });
    expect(builder.key({ __typename: 'Book', isbn: 'i' })).toBeDefined();
    expect(builder.key({ __typename: 'Book' })).toBeUndefined();
    expect(builder.key({ id: '1', isbn: 'i' })).toBeUndefined();
  });

  it('selects below objects, lists and lists of lists', () => {
    const builder = compileRepresentations([on('Book', typename, field('a', field('b')))], conditions);
    const a = [[{ b: 1, c: 2 }, null], [{ c: 2 }]];
    expect(builder.build({ __typename: 'Book', a })).toEqual({
      __typename: 'Book',
      a: [[{ b: 1 }, null], [null]],
    });
  });

  const two = [on('Book', typename, field('id'), field('isbn'))];
  const nested = [on('Book', typename, field('id', field('x')))];
  const single = [on('Book', typename, field('id'))];
  it.each<[string, QueryPlanSelectionNode[], object, object]>([
    ['1 and "1"', single, { id: 1 }, { id: '1' }],
    ['an object and its text', single, { id: { a: 1 } }, { id: '{"a":1}' }],
    ['shifted borders', two, { id: 'a', isbn: 'bc' }, { id: 'ab', isbn: 'c' }],
    ['null and "null"', two, { id: null, isbn: '' }, { id: 'null', isbn: '' }],
    ['a number that looks like a length', two, { id: 1, isbn: '1:a' }, { id: '1', isbn: ':a' }],
    ['nested values', nested, { id: { x: 1 } }, { id: { x: 2 } }],
  ])('has another key than one with other values: %s', (_name, requires, a, b) => {
    const builder = compileRepresentations(requires, conditions);
    const keyOf = (entity: object) => builder.key({ __typename: 'Book', ...entity });
    expect(keyOf(a)).not.toBe(keyOf(b));
    expect(keyOf(a)).toBe(keyOf(structuredClone(a)));
  });
});
