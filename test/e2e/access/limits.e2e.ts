import { getIntrospectionQuery } from 'graphql';
import type { GatewayConfigInput } from '../../../gateway/config.js';
import { echoSubgraph } from '../../support/echoSubgraph.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { getOf, rawRequest } from '../../support/rawRequest.js';

const start = (config: GatewayConfigInput = {}): Promise<GatewayTester> =>
  startGatewayTester({ subgraphs: [echoSubgraph], config });

const aliases = (count: number) => `{ ${Array.from({ length: count }, (_, i) => `a${i}: hello`).join(' ')} }`;

describe('limits of operations', () => {
  it('refuse with 400 and say which limit, by POST and by GET, and no subgraph is asked', async () => {
    await using gateway = await start({ limits: { maxAliases: 3 } });
    const { status, errors } = await gateway.query(aliases(4));
    expect([status, errors?.[0]?.extensions]).toEqual([
      400,
      { code: 'OPERATION_LIMIT_EXCEEDED', limit: 'aliases', maximum: 3 },
    ]);
    const get = await rawRequest(...getOf(gateway.url, aliases(4)));
    expect([get.status, get.bytes.toString()]).toEqual([400, expect.stringContaining('"aliases"')]);
    expect(gateway.subgraph('echo').received).toHaveLength(0);
    expect((await gateway.query(aliases(3))).status).toBe(200);
  });

  it('hold for variables as well', async () => {
    await using gateway = await start({ limits: { maxListItems: 3 } });
    const { status, errors } = await gateway.query('{ hello }', { list: [1, 2, 3, 4] });
    expect([status, errors?.[0]?.extensions?.['limit']]).toEqual([400, 'listItems']);
  });

  it('let everything through while they only warn', async () => {
    await using gateway = await start({ limits: { mode: 'warn', maxAliases: 3 } });
    expect((await gateway.query(aliases(4))).status).toBe(200);
  });
});

describe('a gateway with the defaults', () => {
  it('does not show its schema, neither whole nor in suggestions', async () => {
    await using gateway = await start({ introspection: false });
    const { status, errors } = await gateway.query(getIntrospectionQuery());
    expect([status, errors?.[0]?.extensions?.['code']]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    const wrong = await gateway.query('{ helo }');
    expect(wrong.errors?.[0]?.message).toBe('Cannot query field "helo" on type "Query".');
  });

  it('suggests names where that is configured', async () => {
    await using gateway = await start({ suggestions: true });
    const { errors } = await gateway.query('{ helo }');
    expect(errors?.[0]?.message).toBe('Cannot query field "helo" on type "Query". Did you mean "hello"?');
  });

  it('takes one operation per request', async () => {
    await using gateway = await start();
    const { status, bytes } = await rawRequest(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ query: '{ hello }' }, { query: '{ hello }' }]),
    });
    expect([status, bytes.toString()]).toEqual([400, expect.stringContaining('BATCHING_NOT_SUPPORTED')]);
  });
});
