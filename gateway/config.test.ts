import { gatewayConfigSchema, subscriptionUrl, upstreamConfig } from './config.js';

describe('the gateway configuration', () => {
  it('has the documented defaults', () => {
    expect(gatewayConfigSchema.parse({})).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      workers: 1,
      workerAckDeadlineMs: 5_000,
      supergraphPollMs: 5_000,
      maxBodyBytes: 1_048_576,
      drainTimeoutMs: 10_000,
      introspection: false,
      exposeSubgraphErrors: false,
      propagateHeaders: [],
      planCacheEntries: 2_000,
      identity: {},
      subgraphs: {
        all: { timeoutMs: 10_000, connections: 100, maxResponseBytes: 67_108_864 },
        byName: {},
      },
    });
  });

  it('has no identity, no secret and no supergraph that nobody gave', () => {
    const config = gatewayConfigSchema.parse({});
    expect(config.supergraph).toBeUndefined();
    expect(config.identity).toEqual({ required: false });
  });

  it('compares header names as HTTP does', () => {
    const config = gatewayConfigSchema.parse({
      propagateHeaders: ['Authorization', 'X-Tenant'],
      identity: { trustedHeader: 'X-User' },
    });
    expect(config.propagateHeaders).toEqual(['authorization', 'x-tenant']);
    expect(config.identity.trustedHeader).toBe('x-user');
  });

  it.each([
    ['a port out of range', { port: 65_536 }],
    ['a port that is no integer', { port: 80.5 }],
    ['no worker at all', { workers: 0 }],
    ['a number of workers that is neither a number nor auto', { workers: 'all' }],
    ['a deadline that a purge of a hanging Redis would not keep', { workerAckDeadlineMs: 2_000 }],
    ['a timeout of nothing', { subgraphs: { all: { timeoutMs: 0 } } }],
    ['a secret that can be guessed', { identity: { secret: 'short' } }],
    ['a token for the registry that no header can carry', { registry: { token: 'sixteen-characters-ö' } }],
    ['a header name with a space', { propagateHeaders: ['x y'] }],
    ['a URL that is not HTTP', { subgraphs: { byName: { a: { url: 'ftp://a' } } } }],
    ['a misspelt key', { maxBodyByte: 2048 }],
    ['a misspelt key of a subgraph', { subgraphs: { byName: { a: { timeout: 1 } } } }],
  ])('refuses %s', (_what, input) => {
    expect(gatewayConfigSchema.safeParse(input).success).toBe(false);
  });
});

describe('upstreamConfig', () => {
  it('puts the keys of a subgraph before those for all, and those before the supergraph', () => {
    const config = gatewayConfigSchema.parse({
      subgraphs: {
        all: { timeoutMs: 500, connections: 7 },
        byName: { stock: { url: 'http://stock.test/graphql', timeoutMs: 50 } },
      },
    });
    expect(upstreamConfig(config, 'stock', 'http://old.test')).toMatchObject({
      urls: ['http://stock.test/graphql'],
      timeoutMs: 50,
      connections: 7,
      http2: false,
      compression: false,
      maxResponseBytes: 67_108_864,
    });
    expect(upstreamConfig(config, 'other', 'http://old.test')).toMatchObject({
      urls: ['http://old.test'],
      timeoutMs: 500,
    });
  });
});

describe('subscriptionUrl', () => {
  const config = gatewayConfigSchema.parse({
    subgraphs: {
      all: { subscriptionProtocol: 'sse' },
      byName: {
        stock: { subscriptionProtocol: 'graphql-ws', subscriptionUrl: 'https://events.test/stock' },
        mail: { subscriptionUrl: 'ws://mail.test/graphql' },
        shop: { subscriptionProtocol: 'graphql-ws', urls: ['https://shop-1.test', 'https://shop-2.test'] },
      },
    },
  });

  it.each([
    ['other', 'http://other.test/graphql'],
    ['stock', 'wss://events.test/stock'],
    ['mail', 'http://mail.test/graphql'],
    ['shop', 'wss://shop-1.test'],
  ])('of %s has the scheme of its protocol: %s', (name, url) => {
    expect(subscriptionUrl(config, name, 'http://other.test/graphql')).toBe(url);
  });

  it('is a WebSocket where nothing is said', () => {
    const url = subscriptionUrl(gatewayConfigSchema.parse({}), 'other', 'http://other.test/graphql');
    expect(url).toBe('ws://other.test/graphql');
  });
});
