import { buildSchema } from 'graphql';
import { createMergeInto } from './mergeInto.js';
import { createTypeConditions } from './typeConditions.js';

const schema = buildSchema(
  'type Query { media: Media } interface Media { id: ID } type Book implements Media { id: ID }',
);
const mergeInto = createMergeInto(createTypeConditions(schema));

function merged(target: object, source: object): object {
  mergeInto(target as Record<string, unknown>, source as Record<string, unknown>);
  return target;
}

describe('mergeInto', () => {
  it('merges objects, and lists of equal length, lists of lists too', () => {
    expect(
      merged({ a: { x: 1 }, l: [[{ x: 1 }], null] }, { a: { y: 2 }, l: [[{ y: 2 }], { z: 3 }] }),
    ).toEqual({
      a: { x: 1, y: 2 },
      l: [[{ x: 1, y: 2 }], { z: 3 }],
    });
  });

  it('takes the later of two lists that differ in length', () => {
    expect(merged({ l: [{ x: 1 }] }, { l: [{ y: 1 }, { y: 2 }] })).toEqual({ l: [{ y: 1 }, { y: 2 }] });
  });

  it('lets no null and nothing undefined erase an object or a list', () => {
    expect(merged({ a: { x: 1 }, l: [{ x: 1 }], b: 1 }, { a: null, l: [null], b: undefined })).toEqual({
      a: { x: 1 },
      l: [{ x: 1 }],
      b: 1,
    });
  });

  it('replaces leaves', () => {
    expect(merged({ a: 1, b: 'x' }, { a: 2, b: null })).toEqual({ a: 2, b: null });
  });

  it('keeps the concrete type, and replaces the name of an interface by it', () => {
    expect(merged({ __typename: 'Book' }, { __typename: 'Media' })).toEqual({ __typename: 'Book' });
    expect(merged({ __typename: 'Media' }, { __typename: 'Book' })).toEqual({ __typename: 'Book' });
  });

  it('never writes to a prototype', () => {
    const source = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    ) as object;
    const target = merged({}, source);
    merged(target, JSON.parse('{"__proto__":{"more":1}}') as object);
    expect(JSON.stringify(target)).toBe(
      '{"__proto__":{"polluted":1,"more":1},"constructor":{"prototype":{"polluted":1}}}',
    );
    expect('polluted' in {}).toBe(false);
  });
});
