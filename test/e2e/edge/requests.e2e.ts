import { echoSubgraph } from '../../support/echoSubgraph.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('the HTTP edge', () => {
  let gateway: GatewayTester;
  beforeAll(async () => {
    gateway = await startGatewayTester({ subgraphs: [echoSubgraph] });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  async function ask(init: RequestInit, target = '') {
    const response = await fetch(new URL(target, gateway.url), init);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: JSON.parse(text) as {
        data?: unknown;
        errors?: { message: string; extensions: { code: string } }[];
      },
    };
  }
  const post = (body: string, headers: Record<string, string> = JSON_TYPE) =>
    ask({ method: 'POST', headers, body });
  const get = (search: Record<string, string>, headers: Record<string, string> = {}) =>
    ask({ headers }, `/graphql?${new URLSearchParams(search)}`);
  const CSRF = { 'apollo-require-preflight': 'true' };

  /** That it was refused, with this status and code, before any subgraph was asked. */
  async function expectRefusal(
    answer: Promise<Awaited<ReturnType<typeof ask>>>,
    status: number,
    code: string,
  ) {
    const before = gateway.subgraph('echo').received.length;
    const { status: given, headers, body } = await answer;
    expect({ given, body }).toMatchObject({ given: status, body: { errors: [{ extensions: { code } }] } });
    expect(body).not.toHaveProperty('data');
    expect(JSON.stringify(body)).not.toMatch(/stack|node_modules/);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(gateway.subgraph('echo').received).toHaveLength(before);
  }

  it.each(['/', '/graphql/', '/graphql/x', '/graphiqlx', '/health', '//graphql', '/%67raphql'])(
    'answers 404 for the path %s',
    async (path) => {
      const response = await fetch(gateway.url.replace(/\/graphql$/, path));
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    },
  );

  it.each([
    ['is not JSON', '{"query": '],
    ['is empty', ''],
    ['is a JSON string', '"{ hello }"'],
    ['is null', 'null'],
    ['has no query', '{}'],
    ['has a query that is no string', '{"query": {"kind": "Document"}}'],
    ['has variables that are no object', '{"query": "{ hello }", "variables": [1]}'],
    ['has variables as text', '{"query": "{ hello }", "variables": "{}"}'],
    ['has an operation name that is no string', '{"query": "{ hello }", "operationName": 1}'],
  ])('refuses a body that %s', async (_what, body) => {
    await expectRefusal(post(body), 400, 'BAD_REQUEST');
  });

  it.each([
    ['text/plain', '{"query":"{ hello }"}'],
    ['application/x-www-form-urlencoded', 'query=%7Bhello%7D'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['text/plain; application/json', '{"query":"mutation { count }"}'],
  ])('refuses %s, which a foreign site could send without asking', async (type, body) => {
    await expectRefusal(post(body, { 'content-type': type }), 400, 'BAD_REQUEST');
  });

  it('answers other methods with 405', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const response = await fetch(gateway.url, { method, headers: { ...JSON_TYPE, ...CSRF } });
      expect({ method, status: response.status, allow: response.headers.get('allow') }).toEqual({
        method,
        status: 405,
        allow: 'GET, POST',
      });
    }
  });

  it('names what it could not parse', async () => {
    const answer = post('{"query":"{ hello"}');
    await expectRefusal(answer, 400, 'GRAPHQL_PARSE_FAILED');
    expect((await answer).body.errors?.[0]?.message).toMatch(/^Syntax Error/);
  });

  it('names what does not fit the schema', async () => {
    const answer = post('{"query":"{ goodbye }"}');
    await expectRefusal(answer, 400, 'GRAPHQL_VALIDATION_FAILED');
    expect((await answer).body.errors?.[0]?.message).toBe('Cannot query field "goodbye" on type "Query".');
  });

  it.each([
    ['of the wrong type', { n: 'many' }],
    ['missing', {}],
    ['null', { n: null }],
  ])('refuses a variable that is %s, and names it', async (_what, variables) => {
    const query = 'query($n: Int!) { hello(times: $n) }';
    const answer = post(JSON.stringify({ query, variables }));
    await expectRefusal(answer, 400, 'BAD_USER_INPUT');
    expect((await answer).body.errors?.[0]?.message).toContain('"$n"');
  });

  it('answers queries by GET, with variables and operation name', async () => {
    const { status, body } = await get(
      {
        query: 'query A($name: String) { hello(name: $name) } query B { __typename }',
        variables: '{"name":"Ada"}',
        operationName: 'A',
      },
      CSRF,
    );
    expect({ status, body }).toEqual({ status: 200, body: { data: { hello: 'Hello Ada' } } });
  });

  it('refuses a GET that a foreign site could have caused', async () => {
    await expectRefusal(get({ query: '{ hello }' }), 400, 'BAD_REQUEST');
  });

  it('refuses a GET whose variables are not JSON', async () => {
    await expectRefusal(get({ query: '{ hello }', variables: '{' }, CSRF), 400, 'BAD_REQUEST');
  });

  it('refuses mutations by GET', async () => {
    await expectRefusal(get({ query: 'mutation { count }' }, CSRF), 405, 'BAD_REQUEST');
  });

  it('refuses subscriptions over a plain answer', async () => {
    await expectRefusal(post('{"query":"subscription { ticks }"}'), 400, 'UNSUPPORTED_OPERATION');
  });

  it('refuses an operation that the document does not have', async () => {
    const body = JSON.stringify({ query: '{ hello }', operationName: 'Other' });
    await expectRefusal(post(body), 400, 'OPERATION_RESOLUTION_FAILURE');
  });

  it('answers as application/graphql-response+json where that is wanted', async () => {
    const { status, headers, body } = await post('{"query":"{ hello }"}', {
      ...JSON_TYPE,
      accept: 'application/graphql-response+json',
    });
    expect({ status, body }).toEqual({ status: 200, body: { data: { hello: 'Hello you' } } });
    expect(headers.get('content-type')).toMatch(/^application\/graphql-response\+json/);
  });
});
