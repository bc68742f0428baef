import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CuttableProxy, startCuttableProxy } from '../../support/cuttableProxy.js';
import { startNginx } from '../../support/nginx.js';
import { getOf, rawRequest } from '../../support/rawRequest.js';
import { describeReal } from '../../support/realParts.js';
import { shippedNginx } from '../../support/shippedNginx.js';
import { type PageGateway, startPageGateway } from '../../support/startPageGateway.js';
import { until } from '../../support/until.js';

const PAGE = '{ product(id: "p1") { price } }';
const SET_PRICE = 'mutation { setPrice(id: "p1", price: 11) { id } }';
/** So that nothing in this suite is new again because of its age. */
const HOUR_MS = 3_600_000;

interface Stage extends AsyncDisposable {
  readonly gateway: PageGateway;
  /** Between NGINX and the gateway. */
  readonly inside: CuttableProxy;
  /** Between the gateway and the part of NGINX that takes purges. */
  readonly purges: CuttableProxy;
  ask(): Promise<{ readonly price: number; readonly edge: string | undefined }>;
  /** Resolves when NGINX has been told of a purge: the mutation waits for that, but not for ever. */
  untilTold(): Promise<void>;
  /** Asks until NGINX has the page, and says at which price. */
  askUntilKept(): Promise<number>;
}

/** The shipped NGINX before a gateway that tells it of purges; the other two gateways that it knows are the same one. */
async function start(isTold = true): Promise<Stage> {
  const started: AsyncDisposable[] = [];
  const close = async () => {
    for (const part of started.reverse()) await part[Symbol.asyncDispose]();
  };
  const use = <T extends AsyncDisposable>(part: T): T => {
    started.push(part);
    return part;
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'headgate-purges-'));
    use({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
    const purgeSocket = join(folder, 'purges.sock');
    const purges = use(await startCuttableProxy(purgeSocket));
    const purgeUrls = isTold ? [`http://127.0.0.1:${purges.port}/generation`] : [];
    const gateway = use(await startPageGateway({ cache: { sharedMaxAgeMs: HOUR_MS, purgeUrls } }));
    gateway.productsCacheControl = `max-age=${HOUR_MS / 1000}`;
    const inside = use(await startCuttableProxy(Number(new URL(gateway.url).port)));
    const host = `127.0.0.1:${inside.port}`;
    const nginx = use(await startNginx((place) => shippedNginx([host, host, host], place, { purgeSocket })));
    const url = `http://127.0.0.1:${nginx.port}/graphql`;
    const ask = async () => {
      const { bytes, headers } = await rawRequest(...getOf(url, PAGE));
      const { data } = JSON.parse(bytes.toString()) as { data: { product: { price: number } } };
      return { price: data.product.price, edge: headers['x-edge-cache'] as string | undefined };
    };
    const askUntilKept = async () => {
      let answer = await ask();
      await until('NGINX has it', async () => {
        answer = await ask();
        return answer.edge === 'HIT';
      });
      return answer.price;
    };
    const untilTold = () => until('NGINX is told', async () => (await toldOf(gateway, 'told')) > 0);
    return { gateway, inside, purges, ask, askUntilKept, untilTold, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function toldOf(gateway: PageGateway, outcome: 'told' | 'failed'): Promise<number> {
  const samples = await gateway.samples('headgate_proxy_purges_total');
  return samples.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
}

describeReal('nginx', 'purges of the micro-cache', () => {
  it('a mutation ends what NGINX kept, long before its time', async () => {
    await using stage = await start();
    expect(await stage.askUntilKept()).toBe(10);
    await stage.gateway.query(SET_PRICE);
    await stage.untilTold();
    expect(await stage.ask()).toEqual({ price: 11, edge: 'MISS' });
    expect(await stage.askUntilKept()).toBe(11);
  });

  it('without them it keeps the old page', async () => {
    await using stage = await start(false);
    expect(await stage.askUntilKept()).toBe(10);
    await stage.gateway.query(SET_PRICE);
    expect(await stage.ask()).toEqual({ price: 10, edge: 'HIT' });
  });

  it('so does an operator', async () => {
    await using stage = await start();
    expect(await stage.askUntilKept()).toBe(10);
    stage.gateway.prices.set('p1', 12);
    const purged = await fetch(`${stage.gateway.adminUrl}/purge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tags: ['Product:id=p1'] }),
    });
    expect(purged.status).toBe(200);
    await stage.untilTold();
    expect(await stage.ask()).toEqual({ price: 12, edge: 'MISS' });
  });

  it('what was on its way to NGINX at the purge is found by nobody who asks later', async () => {
    await using stage = await start();
    const { gateway, inside, ask } = stage;
    const answers = async () =>
      (await gateway.samples('headgate_cache_responses_total')).reduce((sum, { value }) => sum + value, 0);
    // The gateway gets the request, and NGINX no answer.
    let answered = false;
    inside.freeze(/^GET/);
    const early = ask().finally(() => {
      answered = true;
    });
    await until('the gateway has answered', async () => (await answers()) > 0);
    await gateway.query(SET_PRICE);
    await stage.untilTold();
    expect(answered).toBe(false);
    inside.restore();
    expect(await early).toEqual({ price: 10, edge: 'MISS' });
    expect(await ask()).toEqual({ price: 11, edge: 'MISS' });
  });

  it('an NGINX that cannot be told fails no mutation, and is told once it can be', async () => {
    await using stage = await start();
    expect(await stage.askUntilKept()).toBe(10);
    stage.purges.cut();
    expect(await stage.gateway.query(SET_PRICE)).toMatchObject({
      status: 200,
      data: { setPrice: { id: 'p1' } },
    });
    expect(await stage.ask()).toEqual({ price: 10, edge: 'HIT' });
    expect(await toldOf(stage.gateway, 'failed')).toBeGreaterThan(0);
    stage.purges.restore();
    await until('NGINX asks again', async () => (await stage.ask()).price === 11);
  });
});
