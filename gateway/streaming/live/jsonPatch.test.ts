import fc from 'fast-check';
import { jsonPatch, type PatchOperation } from './jsonPatch.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** RFC 6902, as a reader would do it. */
function apply(document: Json, operations: readonly PatchOperation[]): Json {
  let root = structuredClone(document);
  for (const operation of operations) {
    const value = 'value' in operation ? (operation.value as Json) : null;
    if (operation.path === '') {
      root = value;
      continue;
    }
    const keys = operation.path
      .slice(1)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop() ?? '';
    const parent = keys.reduce<Json>((inner, key) => (inner as Record<string, Json>)[key] as Json, root);
    if (Array.isArray(parent)) {
      const index = Number(last);
      if (operation.op === 'replace' && index >= parent.length)
        throw new Error('nothing is there to replace');
      if (operation.op === 'remove' && index >= parent.length) throw new Error('nothing is there to remove');
      if (operation.op === 'add') parent.splice(index, 0, value);
      else if (operation.op === 'remove') parent.splice(index, 1);
      else parent[index] = value;
    } else {
      const object = parent as Record<string, Json>;
      if (operation.op !== 'add' && !Object.hasOwn(object, last)) throw new Error('nothing is there');
      if (operation.op === 'remove') delete object[last];
      else
        Object.defineProperty(object, last, { value, enumerable: true, writable: true, configurable: true });
    }
  }
  return root;
}

describe('jsonPatch', () => {
  it('turns any JSON into any other', () => {
    const { json } = fc.letrec<{ json: Json }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Json>(null, true, 0, 1, 'a', 'b'),
        fc.array(tie('json'), { maxLength: 5 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'c/d', 'e~f', ''), tie('json'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(json, json, (before, after) => {
        expect(apply(before, jsonPatch(before, after))).toEqual(after);
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });

  it('has nothing to say about equals', () => {
    expect(jsonPatch({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
  });

  it('names the one value that changed, and the one element that came or went', () => {
    const list = ['a', 'b', 'c', 'd'].map((id) => ({ id, price: 1 }));
    expect(jsonPatch(list, list.with(2, { id: 'c', price: 2 }))).toEqual([
      { op: 'replace', path: '/2/price', value: 2 },
    ]);
    expect(jsonPatch(list, list.toSpliced(1, 1))).toEqual([{ op: 'remove', path: '/1' }]);
    expect(jsonPatch(list, list.toSpliced(1, 0, { id: 'x', price: 3 }))).toEqual([
      { op: 'add', path: '/1', value: { id: 'x', price: 3 } },
    ]);
  });
});
