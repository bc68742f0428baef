import { UnsharedPurges } from './unsharedPurges.js';

const notice = (source: string, sharedPurged: boolean) => ({
  origin: 'o',
  invalidation: { source, tags: ['a', 'b'], operationTime: 't' },
  sharedPurged,
});

describe('UnsharedPurges', () => {
  it('keeps, of each source, that something is missing', () => {
    const unshared = new UnsharedPurges(1_000);
    unshared.note(notice('products', false), true, 0);
    unshared.note(notice('products', false), true, 1);
    unshared.note(notice('orders', false), true, 2);
    expect(unshared.notices).toEqual([
      { origin: 'o', invalidation: { source: 'products', tags: ['subgraph:products'] }, sharedPurged: false },
      { origin: 'o', invalidation: { source: 'orders', tags: ['subgraph:orders'] }, sharedPurged: false },
    ]);
  });

  it('has nothing to keep of purges that the shared cache was told', () => {
    const unshared = new UnsharedPurges(1_000);
    unshared.note(notice('products', true), true, 0);
    expect(unshared.notices).toEqual([]);
  });

  it.each([
    ['forgets once a worker owes nothing any more', true, 1_001, 0],
    ['does not while that worker has more to purge itself', false, 1_001, 1],
    ['does not when that purge may have begun before', true, 1_000, 1],
  ])('%s', (_what, isUpToDate, now, left) => {
    const unshared = new UnsharedPurges(1_000);
    unshared.note(notice('products', false), true, 0);
    unshared.note(notice('orders', true), isUpToDate, now);
    expect(unshared.notices).toHaveLength(left);
  });
});
