import { type GatewayConfigInput, gatewayConfigSchema } from '../../gateway/config.js';
import { startGateway } from '../../gateway/startGateway.js';
import { createStaticSource } from '../../gateway/supergraph/staticSource.js';
import { silentLogger } from '../../platform/logger.js';
import { type CuttableProxy, startCuttableProxy } from './cuttableProxy.js';
import { type GraphqlClient, graphqlClient } from './graphqlClient.js';
import { parsePrometheus } from './parsePrometheus.js';
import { CUSTOMER_HEADER } from './startShop.js';
import {
  SHOP_SECRETS,
  SHOP_SUBGRAPHS,
  type ShopSubgraph,
  type ShopSubgraphs,
  type ShopSubgraphsOptions,
  startShopSubgraphs,
} from './startShopSubgraphs.js';
import { type SubgraphDoor, startSubgraphDoor } from './subgraphDoor.js';
import { until } from './until.js';

type Asker = GraphqlClient['ask'];

export interface ShopGatewayOptions {
  /** Without it, there is no shared tier and no word to other gateways. */
  readonly redisUrl?: string;
  readonly cache?: GatewayConfigInput['cache'];
  /** For all subgraphs. */
  readonly upstream?: NonNullable<GatewayConfigInput['subgraphs']>['all'];
  /** Whether it waits until every feed is live. @default true */
  readonly whenLive?: boolean;
  /** Happens before the gateway is there. */
  readonly before?: (gateway: Pick<ShopGateway, 'feeds'>) => void;
}

/** One gateway, with something in between on each of its ways to a subgraph. */
export interface ShopGateway extends AsyncDisposable {
  readonly ask: Asker;
  /** What a person does who says who they are. */
  askAs(customer: string, ...request: Parameters<Asker>): ReturnType<Asker>;
  readonly doors: Readonly<Record<ShopSubgraph, SubgraphDoor>>;
  readonly feeds: Readonly<Record<ShopSubgraph, CuttableProxy>>;
  /** How many queries have come to the subgraphs, or to one of them. */
  asked(subgraph?: ShopSubgraph): number;
  /** The sum of a metric's samples that have these labels. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  untilFeedsAreLive(): Promise<void>;
  /** So that only what this gateway hears otherwise makes it purge: its feeds stay open, and silent. */
  holdFeeds(): void;
}

export interface CachedShop
  extends AsyncDisposable,
    Pick<ShopSubgraphs, 'openedAt' | 'uris' | 'urls' | 'stop'> {
  /** Closed with the shop, if not before. */
  openGateway(options?: ShopGatewayOptions): Promise<ShopGateway>;
  /** Past all gateways. */
  askSubgraph(subgraph: ShopSubgraph, ...request: Parameters<Asker>): ReturnType<Asker>;
}

/** Long enough that no test waits for it by accident; a feed that is held stays trusted. */
const PATIENT_MS = 60_000;

/** The sample shop as it is meant to be run: all caches, all feeds, and any number of gateways. */
export async function startCachedShop(options: ShopSubgraphsOptions = {}): Promise<CachedShop> {
  const subgraphs = await startShopSubgraphs({ heartbeatMs: 50, ...options });
  const { urls, supergraphSdl } = subgraphs;
  const gateways = new Set<AsyncDisposable>();
  return {
    openedAt: subgraphs.openedAt,
    uris: subgraphs.uris,
    urls,
    stop: subgraphs.stop,
    askSubgraph: (subgraph, ...request) => graphqlClient(urls[subgraph]).ask(...request),
    async openGateway(gatewayOptions = {}) {
      const gateway = await openGateway(urls, supergraphSdl, gatewayOptions);
      gateways.add(gateway);
      return gateway;
    },
    async [Symbol.asyncDispose]() {
      for (const gateway of gateways) await gateway[Symbol.asyncDispose]();
      await subgraphs[Symbol.asyncDispose]();
    },
  };
}

async function openGateway(
  urls: ShopSubgraphs['urls'],
  supergraphSdl: string,
  { redisUrl, cache, upstream, whenLive = true, before }: ShopGatewayOptions,
): Promise<ShopGateway> {
  const doors = await bySubgraph((name) => startSubgraphDoor(`${urls[name]}/graphql`));
  const feeds = await bySubgraph((name) => startCuttableProxy(Number(new URL(urls[name]).port)));
  before?.({ feeds });
  const byName = Object.fromEntries(
    SHOP_SUBGRAPHS.map((name) => [
      name,
      {
        url: doors[name].url,
        feedUrl: `ws://127.0.0.1:${feeds[name].port}/invalidations`,
        forwardIdentity: name === 'orders',
      },
    ]),
  );
  const gateway = await startGateway({
    config: gatewayConfigSchema.parse({
      port: 0,
      admin: { port: 0 },
      drainTimeoutMs: 500,
      identity: { trustedHeader: CUSTOMER_HEADER, secret: SHOP_SECRETS.identitySecret },
      cache: {
        redisUrl,
        feedToken: SHOP_SECRETS.feedToken,
        feedSilenceMs: PATIENT_MS,
        tokenSecret: 'token-secret-of-the-shop',
        ...cache,
      },
      subgraphs: { all: { ...upstream, cache: { ttlJitter: 0, ...upstream?.cache } }, byName },
    } satisfies GatewayConfigInput),
    source: createStaticSource(supergraphSdl),
    logger: silentLogger(),
  });
  const { ask } = graphqlClient(gateway.url);
  let open = true;

  async function metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    const samples = parsePrometheus(text).get(name)?.samples;
    if (samples === undefined) throw new Error(`there is no metric ${name}`);
    return samples
      .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }
  const untilFeedsAreLive = () =>
    until('all feeds are live', async () => {
      return (await metric('headgate_feed_state', { state: 'live' })) === SHOP_SUBGRAPHS.length;
    });

  if (whenLive) await untilFeedsAreLive();
  return {
    ask,
    askAs: (customer, query, variables, headers) =>
      ask(query, variables, { ...headers, [CUSTOMER_HEADER]: customer }),
    doors,
    feeds,
    asked: (subgraph) =>
      SHOP_SUBGRAPHS.filter((name) => subgraph === undefined || name === subgraph)
        .flatMap((name) => doors[name].knocks)
        .filter(({ isMutation }) => !isMutation).length,
    metric,
    untilFeedsAreLive,
    holdFeeds() {
      for (const name of SHOP_SUBGRAPHS) feeds[name].freeze();
    },
    async [Symbol.asyncDispose]() {
      if (!open) return;
      open = false;
      await gateway.stop();
      await Promise.all(
        SHOP_SUBGRAPHS.flatMap((name) => [doors[name], feeds[name]]).map((part) =>
          part[Symbol.asyncDispose](),
        ),
      );
    },
  };
}

async function bySubgraph<T>(make: (name: ShopSubgraph) => Promise<T>): Promise<Record<ShopSubgraph, T>> {
  const made = SHOP_SUBGRAPHS.map(async (name) => [name, await make(name)] as const);
  return Object.fromEntries(await Promise.all(made)) as Record<ShopSubgraph, T>;
}
