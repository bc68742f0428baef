import { parseResponsePath } from './responsePath.js';
import { collectTargets, locateTargets } from './targets.js';

describe('a response path', () => {
  it('splits into fields, lists and type conditions', () => {
    expect(parseResponsePath(['', 'search', '@|[Book,Film]', 'author|[Person]'])).toEqual([
      { kind: 'field', name: 'search', types: undefined },
      { kind: 'list', types: new Set(['Book', 'Film']) },
      { kind: 'field', name: 'author', types: new Set(['Person']) },
    ]);
    expect(parseResponsePath(['|[Query]', 'me'])[0]).toEqual({ kind: 'here', types: new Set(['Query']) });
  });

  const tree = {
    search: [
      { __typename: 'Book', author: { id: 1 } },
      { __typename: 'Film', author: { id: 2 } },
      null,
      [{ __typename: 'Book', author: { id: 3 } }],
      { __typename: 'Book', author: null },
    ],
  };

  it('leads to the objects that meet its conditions, through lists of lists', () => {
    expect(collectTargets(tree, parseResponsePath(['search', '@|[Book]', 'author']))).toEqual([
      { id: 1 },
      { id: 3 },
    ]);
    expect(collectTargets(tree, parseResponsePath(['search', '@', 'author']))).toEqual([
      { id: 1 },
      { id: 2 },
      { id: 3 },
    ]);
  });

  it('finds the places of the objects that it leads to', () => {
    const trails: unknown[] = [];
    locateTargets(tree, parseResponsePath(['search', '@', 'author']), (target, trail) =>
      trails.push([target, [...trail]]),
    );
    expect(trails).toEqual([
      [{ id: 1 }, ['search', 0, 'author']],
      [{ id: 2 }, ['search', 1, 'author']],
      [{ id: 3 }, ['search', 3, 0, 'author']],
    ]);
  });

  it('walks a list once that stands in several places', () => {
    const shared = [{ id: 1 }, { id: 2 }];
    const path = parseResponsePath(['a', '@', 'b', '@']);
    const twice = { a: [{ b: shared }, { b: shared }] };
    expect(collectTargets(twice, path, true)).toEqual(shared);
    expect(collectTargets(twice, path)).toHaveLength(4);
  });
});
