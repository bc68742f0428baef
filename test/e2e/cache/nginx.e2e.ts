import { codeBlocks } from '../../support/codeBlocks.js';
import type { GatewayTester } from '../../support/gatewayTester.js';
import { startNginx } from '../../support/nginx.js';
import { getOf, rawRequest } from '../../support/rawRequest.js';
import { describeReal } from '../../support/realParts.js';
import { startPageGateway } from '../../support/startPageGateway.js';
import { until } from '../../support/until.js';

const PAGE = '{ product(id: "p1") { price } }';

/** The configuration in docs/clients.md, as it stands there but for addresses, and told to say what it did. */
async function startDocumentedNginx(gateway: GatewayTester) {
  const [documented = ''] = codeBlocks('docs/clients.md', 'nginx');
  const server = await startNginx(({ port, folder }) =>
    documented
      .replace('/var/cache/nginx/graphql', `${folder}/graphql`)
      .replace('http://gateway:4000', new URL(gateway.url).origin)
      .replace(
        'server {',
        `server { listen 127.0.0.1:${port}; add_header x-nginx $upstream_cache_status always;`,
      ),
  );
  return { server, url: `http://127.0.0.1:${server.port}/graphql` };
}

describeReal('nginx', 'the documented NGINX before a gateway', () => {
  async function start() {
    const gateway = await startPageGateway({ cache: { sharedMaxAgeMs: 30_000 } });
    try {
      const { server, url } = await startDocumentedNginx(gateway);
      return {
        gateway,
        async ask(query: string, headers: Record<string, string> = {}) {
          const answer = await rawRequest(...getOf(url, query, headers));
          const { data } = JSON.parse(answer.bytes.toString()) as { data?: unknown };
          return { ...answer, data, nginx: answer.headers['x-nginx'] };
        },
        async [Symbol.asyncDispose]() {
          await server[Symbol.asyncDispose]();
          await gateway[Symbol.asyncDispose]();
        },
      };
    } catch (error) {
      await gateway[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** It answers before it has put what it answers in its place. */
  const untilKept = ({ ask }: Awaited<ReturnType<typeof start>>) =>
    until('NGINX has it', async () => (await ask(PAGE)).nginx === 'HIT');

  it('answers a query over GET by itself', async () => {
    await using stage = await start();
    const { ask, gateway } = stage;
    expect(await ask(PAGE)).toMatchObject({ nginx: 'MISS', data: { product: { price: 10 } } });
    await untilKept(stage);
    gateway.prices.set('p1', 11);
    await gateway.query('mutation { setPrice(id: "p1", price: 11) { id } }');
    const kept = await ask(PAGE);
    expect(kept).toMatchObject({ nginx: 'HIT', data: { product: { price: 10 } } });
    expect(kept.headers).not.toHaveProperty('x-accel-expires');
  });

  it('asks the gateway for whoever has written, and keeps nothing of that', async () => {
    await using stage = await start();
    const { ask, gateway } = stage;
    await untilKept(stage);
    await gateway.query('mutation { setPrice(id: "p1", price: 11) { id } }');
    const token = { 'headgate-consistency': 'v1.anything.at-all' };
    expect(await ask(PAGE, token)).toMatchObject({ nginx: 'BYPASS', data: { product: { price: 11 } } });
    expect(await ask(PAGE)).toMatchObject({ nginx: 'HIT', data: { product: { price: 10 } } });
  });

  it('keeps nothing that is for one person, nor a mistake', async () => {
    await using stage = await start();
    const { ask } = stage;
    for (const user of ['alice', 'bob']) {
      const { nginx, data } = await ask('{ me { name } }', { 'x-user': user });
      expect({ nginx, data }).toEqual({ nginx: 'MISS', data: { me: { name: user } } });
    }
    for (let time = 0; time < 2; time++) expect((await ask('{ noSuch }')).nginx).toBe('MISS');
  });

  it('keeps nothing longer than it is fresh at the gateway, however old it was when it came', async () => {
    await using stage = await start();
    const { ask, gateway } = stage;
    gateway.productsCacheControl = 'max-age=60';
    gateway.productsAge = '59';
    expect((await ask(PAGE)).nginx).toBe('MISS');
    await until('NGINX asks again', async () => (await ask(PAGE)).nginx !== 'HIT');
  });
});
