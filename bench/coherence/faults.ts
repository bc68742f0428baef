import { setTimeout as sleep } from 'node:timers/promises';
import type { ShopUnderTest } from './shopUnderTest.js';

/** What goes wrong at a third and at two thirds of the writes. Resolves when it is over. */
export type Fault = (shop: ShopUnderTest) => Promise<void>;

const SHORT_MS = 5_000;
/** Longer than the silence of a feed that gateways put up with. */
const LONG_MS = 8_000;

async function killRedis({ redis }: ShopUnderTest): Promise<void> {
  await redis.kill();
  await sleep(SHORT_MS);
  await redis.restart();
}

async function hangRedis({ redis }: ShopUnderTest): Promise<void> {
  redis.hang();
  await sleep(SHORT_MS);
  redis.resume();
}

async function cutFeeds({ feeds }: ShopUnderTest): Promise<void> {
  for (const feed of feeds) feed.cut();
  await sleep(SHORT_MS);
  for (const feed of feeds) feed.restore();
}

async function freezeFeeds({ feeds }: ShopUnderTest): Promise<void> {
  for (const feed of feeds) feed.freeze();
  await sleep(LONG_MS);
  for (const feed of feeds) feed.restore();
}

export interface Mode {
  readonly title: string;
  readonly faults: readonly Fault[];
  /** Of the gateways; the command line when absent. */
  readonly script?: string;
  /** Whether the run has to find stale reads. */
  readonly mustFail?: boolean;
  /** The least hit ratio, from 0 to 1: nothing stale is no merit in a cache that is not used. @default any */
  readonly minHitRatio?: number;
}

export const MODES: Readonly<Record<string, Mode>> = {
  plain: { title: 'nothing fails', faults: [], minHitRatio: 0.9 },
  redis: { title: 'Redis killed and restarted, then hanging', faults: [killRedis, hangRedis] },
  feed: { title: 'feeds cut, then frozen', faults: [cutFeeds, freezeFeeds] },
  unfenced: {
    title: 'without the fence',
    faults: [],
    script: 'bench/servers/unfencedGateway.js',
    mustFail: true,
  },
};
