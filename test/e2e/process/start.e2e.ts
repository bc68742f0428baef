import { once } from 'node:events';
import { createServer } from 'node:net';
import { FIRST_QUERY } from '../../../cli/welcome.js';
import {
  compileHeadgate,
  type HeadgateProcess,
  type HeadgateProgram,
} from '../../support/headgateProgram.js';
import { ANY_PORTS } from './anyPorts.js';

describe('headgate start', () => {
  let headgate: HeadgateProgram;
  beforeAll(async () => {
    headgate = await compileHeadgate();
  });
  afterAll(() => headgate[Symbol.asyncDispose]());

  const start = (): Promise<HeadgateProcess> =>
    headgate.start(['start', '--port', '0'], { files: ANY_PORTS });

  it('needs nothing, says where everything is, and answers the first query that it proposes', async () => {
    await using running = await start();
    await running.says(/Ctrl-C stops everything/);
    for (const name of ['products', 'inventory', 'orders']) {
      const [, url] = await running.says(new RegExp(`${name} +(http://127\\.0\\.0\\.1:\\d+/graphql)`));
      expect((await post(url as string, '{ __typename }')).data).toEqual({ __typename: 'Query' });
    }
    const [, health] = await running.says(/health +(\S+)/);
    expect((await fetch(health as string)).status).toBe(200);
    const [, explorer] = await running.says(/explorer +(\S+)/);
    // The page follows the gateway, where it has to be built first.
    expect([200, 503]).toContain((await fetch(explorer as string)).status);
    const settings = await (await fetch(`${explorer}/settings.json`)).json();
    expect(settings).toMatchObject({ introspection: true, trace: 'open', purge: 'open' });

    // Word for word what the terminal shows.
    const [, url, header, value, body] = await running.says(
      /curl (\S+) .*-H '(x-[\w-]+): (\w+)' \\\n +-d '(.*)'/,
    );
    expect(JSON.parse(body as string)).toEqual({ query: FIRST_QUERY });
    const answer = await post(url as string, FIRST_QUERY, { [header as string]: value as string });
    expect(answer.errors).toBeUndefined();
    const [{ node }] = answer.data.me.orders.edges;
    expect(answer.data.me.id).toBe('ada');
    expect(node.status).toBe('CONFIRMED');
    expect(node.items.length).toBeGreaterThan(0);
    for (const { product } of node.items) {
      expect(product).toEqual({
        name: expect.stringMatching(/\w/),
        availability: { inStock: expect.any(Boolean) },
      });
    }
    expect(running.stderr).toBe('');
  });

  it('says that the embedded databases forget', async () => {
    await using running = await start();
    await running.says(/Headgate is ready/);
    await running.says(/embedded database orders \(in memory, gone when this process ends\)/);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends with 0 at %s, at once, with clients still connected',
    async (signal) => {
      await using running = await start();
      const [, url] = await running.says(/graph +(\S+)/);
      await running.says(/Ctrl-C/);
      // Kept alive by the client.
      await post(url as string, '{ __typename }');
      const since = performance.now();
      running.signal(signal);
      expect(await running.exited).toEqual({ code: 0, signal: null });
      // What is under way may take 10 s, and nothing is.
      expect(performance.now() - since).toBeLessThan(9_500);
      expect(running.stdout).toContain(`"signal":"${signal}"`);
    },
  );

  it('says which port is taken, and leaves nothing running', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    try {
      const { code, stderr } = await headgate.run(['start', '--port', String(port)], { files: ANY_PORTS });
      expect(stderr).toBe(
        `headgate: port ${port} of 127.0.0.1 is taken; choose another one: gateway.port (PORT, --port)\n`,
      );
      expect(code).toBe(1);
    } finally {
      other.close();
    }
  });
});

async function post(url: string, query: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  return (await response.json()) as { data: any; errors?: unknown };
}
