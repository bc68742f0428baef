import { buildSchema } from 'graphql';
import type { Snapshot } from '../supergraph/snapshot.js';
import { createPrepareOperation } from './prepareOperation.js';

const snapshot = { apiSchema: buildSchema('type Query { version: Int }') } as Partial<Snapshot> as Snapshot;

describe('what was prepared', () => {
  const prepare = createPrepareOperation({ introspection: true, maxEntries: 100, admit: () => undefined });

  it('is kept for the next request with the same text', () => {
    const prepared = prepare(snapshot, { query: '{ version }' });
    expect(prepare(snapshot, { query: '{ version }' })).toBe(prepared);
  });

  it('is not that of requests that name no operation where it names one that has no name', () => {
    const query = '{ version }';
    expect(prepare(snapshot, { query, operationName: '' })).toHaveProperty('errors');
    expect(prepare(snapshot, { query })).toHaveProperty('operation');
    expect(prepare(snapshot, { query, operationName: null })).toBe(prepare(snapshot, { query }));
  });

  it('is not kept beyond a sum of characters, however few the documents are', () => {
    const padded = (index: number) => ({ query: `{ version } # ${index} ${'x'.repeat(2 ** 20)}` });
    const first = prepare(snapshot, padded(0));
    expect(prepare(snapshot, padded(0))).toBe(first);
    for (let index = 1; index <= 10; index++) prepare(snapshot, padded(index));
    expect(prepare(snapshot, padded(0))).not.toBe(first);
  });
});
