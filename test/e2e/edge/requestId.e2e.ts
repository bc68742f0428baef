import { echoSubgraph } from '../../support/echoSubgraph.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const graph = { subgraphs: [echoSubgraph] };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('the request id', () => {
  it('is made where none was sent, echoed, and handed on', async () => {
    await using gateway = await startGatewayTester(graph);
    const ids = new Set<string | null>();
    for (let request = 0; request < 2; request++) {
      const { headers } = await gateway.query('{ hello }');
      const id = headers.get('x-request-id');
      expect(id).toMatch(UUID);
      expect(gateway.subgraph('echo').received.at(-1)?.headers['x-request-id']).toBe(id);
      ids.add(id);
    }
    expect(ids.size).toBe(2);
  });

  it('is taken over from a caller', async () => {
    await using gateway = await startGatewayTester(graph);
    const { headers } = await gateway.query('{ hello }', {}, { 'x-request-id': 'front:42.a_B-c' });
    expect(headers.get('x-request-id')).toBe('front:42.a_B-c');
    expect(gateway.subgraph('echo').received[0]?.headers['x-request-id']).toBe('front:42.a_B-c');
  });

  it.each([
    ['too long', 'x'.repeat(65)],
    ['with spaces', 'a b'],
    ['with markup', '<script>'],
    ['with quotes', '"a"'],
    ['that is not ASCII', 'caf\u00e9'],
    ['that could forge a log line', 'a;level=60'],
  ])('is replaced when it is one %s', async (_what, sent) => {
    await using gateway = await startGatewayTester(graph);
    const { headers } = await gateway.query('{ hello }', {}, { 'x-request-id': sent });
    expect(headers.get('x-request-id')).toMatch(UUID);
    expect(gateway.subgraph('echo').received[0]?.headers['x-request-id']).toBe(headers.get('x-request-id'));
  });

  it('stands on refused requests too', async () => {
    await using gateway = await startGatewayTester(graph);
    for (const body of ['{', '{"query":"{ nothing }"}']) {
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': 'r-1' },
        body,
      });
      expect({ status: response.status, id: response.headers.get('x-request-id') }).toEqual({
        status: 400,
        id: 'r-1',
      });
    }
  });
});
