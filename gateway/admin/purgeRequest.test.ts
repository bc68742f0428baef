import { AdminRefusal } from './adminRefusal.js';
import { MAX_NAMES, parsePurgeRequest } from './purgeRequest.js';

const served = ['products', 'inventory'];

function refusalOf(body: unknown): AdminRefusal {
  try {
    parsePurgeRequest(body, served);
  } catch (error) {
    if (error instanceof AdminRefusal) return error;
    throw error;
  }
  throw new Error('the body was accepted');
}

describe('parsePurgeRequest', () => {
  it('takes every kind of name, and each tag once', () => {
    const body = { tags: ['a', 'type:Product', 'a'], types: ['Product'], subgraphs: ['inventory'] };
    expect(parsePurgeRequest(body, served)).toEqual({
      tags: ['a', 'type:Product', 'subgraph:inventory'],
      sources: ['products', 'inventory'],
      dryRun: false,
      fromRouter: false,
    });
  });

  it.each<[string, unknown, string | undefined, RegExp]>([
    ['no names', {}, undefined, /nothing to purge/],
    ['an empty list', [], undefined, /nothing to purge/],
    ['null', null, undefined, /expected object/],
    ['an unknown key', { tag: ['a'] }, 'tag', /no such key/],
    ['text for a list', { tags: 'a' }, 'tags', /expected array/],
    ['a tag with a space', { tags: ['a', 'b c'] }, 'tags[1]', /no spaces/],
    ['a tag with a comma', { tags: ['a,b'] }, 'tags[0]', /commas/],
    ['a tag with a control character', { tags: ['a\u0000'] }, 'tags[0]', /control characters/],
    ['an empty tag', { tags: [''] }, 'tags[0]', /expected a tag/],
    ['a very long tag', { tags: ['a'.repeat(1_025)] }, 'tags[0]', /at most 1024 characters/],
    ['too many tags', { tags: Array(MAX_NAMES + 1).fill('a') }, 'tags', /at most 1000 entries/],
    ['what is no name of a type', { types: ['Product!'] }, 'types[0]', /name of a GraphQL type/],
    ['an unknown subgraph', { subgraphs: ['nobody'] }, 'subgraphs[0]', /"nobody".*products, inventory/],
    ['text for a yes or no', { types: ['Product'], dryRun: 'yes' }, 'dryRun', /expected boolean/],
    ["Router's body of an unknown kind", [{ kind: 'all' }], '[0].kind', /subgraph, type, entity, cache_tag/],
    ["Router's body without a type", [{ kind: 'type', subgraph: 'products' }], '[0].type', /expected string/],
    [
      "Router's body with an unknown subgraph",
      [{ kind: 'cache_tag', subgraphs: ['products', 'nobody'], cache_tag: 'a' }],
      '[0].subgraphs[1]',
      /no subgraph "nobody"/,
    ],
    [
      "Router's body with an unknown key",
      [{ kind: 'subgraph', subgraph: 'products', dryRun: true }],
      '[0].dryRun',
      /no such key/,
    ],
    [
      "Router's body without subgraphs",
      [{ kind: 'cache_tag', subgraphs: [], cache_tag: 'a' }],
      '[0].subgraphs',
      /expected array/,
    ],
    [
      "Router's body with an empty key",
      [{ kind: 'entity', subgraph: 'products', type: 'Product', key: {} }],
      '[0].key',
      /fields of a key/,
    ],
    [
      "Router's body with null in a key",
      [{ kind: 'entity', subgraph: 'products', type: 'Product', key: { org: { id: null } } }],
      '[0].key.org.id',
      /string, a number or a boolean/,
    ],
  ])('refuses %s, and names it', (_what, body, argument, message) => {
    const refusal = refusalOf(body);
    expect([refusal.status, refusal.argument]).toEqual([400, argument]);
    expect(refusal.message).toMatch(message);
  });

  it('refuses a key nested so deep that it could exhaust the stack', () => {
    const depth = 20_000;
    const key = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const body = JSON.parse(`[{"kind":"entity","subgraph":"products","type":"Product","key":${key}}]`);
    expect(refusalOf(body).status).toBe(400);
  });

  it('refuses everything while there is no supergraph to purge for', () => {
    expect(() => parsePurgeRequest({ types: ['Product'] }, [])).toThrow('no supergraph');
  });

  it.each<[string, unknown, readonly string[], readonly string[]]>([
    ['subgraph', { kind: 'subgraph', subgraph: 'products' }, ['subgraph:products'], ['products']],
    ['type', { kind: 'type', subgraph: 'products', type: 'Product' }, ['type:Product'], served],
    ['cache_tag', { kind: 'cache_tag', subgraphs: ['products'], cache_tag: 'p-42' }, ['p-42'], served],
    [
      // A value is percent-encoded in our tags, and a fixed part is not; which is which cannot be seen.
      'cache_tag with a value that is encoded here',
      { kind: 'cache_tag', subgraphs: ['products'], cache_tag: 'user-a b@c' },
      ['user-a%20b@c', 'user-a%20b%40c'],
      served,
    ],
    [
      'entity with a composite key',
      { kind: 'entity', subgraph: 'inventory', type: 'Stock', key: { shop: 7, productId: 'p/1' } },
      ['Stock:productId=p%2F1&shop=7'],
      served,
    ],
    [
      'entity with a nested key',
      { kind: 'entity', subgraph: 'products', type: 'User', key: { org: { id: 'o1' } } },
      ['User:org.id=o1'],
      served,
    ],
  ])("takes Apollo Router's %s", (_kind, entry, tags, sources) => {
    expect(parsePurgeRequest([entry], served)).toEqual({ tags, sources, dryRun: false, fromRouter: true });
  });
});
