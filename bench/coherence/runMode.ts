import { setTimeout as sleep } from 'node:timers/promises';
import { type ShopRead, shopReads } from './catalogue.js';
import { runReader, runWriter } from './clients.js';
import type { Mode } from './faults.js';
import { HitCounts } from './hitCounts.js';
import { Pace } from './pace.js';
import { type ShopUnderTest, startShopUnderTest } from './shopUnderTest.js';
import { type Violation, WriteHistory } from './writeHistory.js';

export interface CoherenceSettings {
  readonly writes: number;
  /** Over all readers. */
  readonly readsPerWrite: number;
  readonly readersPerGateway: number;
  readonly writers: number;
  /** The part of the writes that go straight into MongoDB. */
  readonly directShare: number;
}

export interface CoherenceResult {
  readonly mode: Mode;
  readonly writes: number;
  readonly reads: number;
  readonly seconds: number;
  readonly violations: readonly Violation[];
  /** After a second without writes: reads that did not bring the last version. */
  readonly staleAfterwards: readonly Violation[];
  readonly staleReads: number;
  /** By gateway: for how long it served what another gateway, or the database, had acknowledged a newer version of. */
  readonly otherGatewayMs: readonly (readonly number[])[];
  readonly databaseMs: readonly (readonly number[])[];
  readonly hits: HitCounts;
}

const GATEWAYS = 2;
/** Of the reads; the others are lists and searches. */
const ENTITY_SHARE = 0.8;
const QUIET_MS = 1_000;

export async function runMode(mode: Mode, settings: CoherenceSettings): Promise<CoherenceResult> {
  await using shop = await startShopUnderTest({ gateways: GATEWAYS, script: mode.script });
  const run = Math.random().toString(36).slice(2, 7).toUpperCase();
  // Few enough for one page of their category, and enough that no version is dearer than the other products.
  const products = await shop.createProducts(
    Math.min(76, Math.max(40, Math.ceil(settings.writes / 200))),
    run,
  );
  const { entities, lists } = shopReads(products, run, Math.ceil(settings.writes / products.length / 2));
  const history = new WriteHistory(products.length, GATEWAYS);
  const pace = new Pace(settings.readsPerWrite, settings.writes);
  const hits = new HitCounts();
  const urls = shop.gateways.map(({ url }) => url);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)] as T;
  const startedAt = performance.now();

  let writing = true;
  const writers = Array.from({ length: settings.writers }, (_, writer) =>
    runWriter({
      ...{ history, pace, urls, collection: shop.collection, directShare: settings.directShare },
      products: products.filter(({ index }) => index % settings.writers === writer),
    }),
  );
  const readers = urls.flatMap((_, gateway) =>
    Array.from({ length: settings.readersPerGateway }, () =>
      runReader({
        ...{ history, pace, urls, gateway, hits },
        next: () => pick(Math.random() < ENTITY_SHARE ? entities : lists),
        goesOn: () => writing,
      }),
    ),
  );
  const faults = injectFaults(shop, mode, pace, () => writing);
  // What fails first says why; the readers and the faults end with the writers.
  const whole = Promise.all([...readers, faults, Promise.all(writers).finally(() => (writing = false))]);
  await whole;
  const seconds = (performance.now() - startedAt) / 1000;

  await sleep(QUIET_MS);
  const violations = [...history.violations];
  const staleAfterwards = await readEverything([...entities, ...lists], urls, history);
  return {
    ...{ mode, seconds, violations, staleAfterwards, hits },
    ...{ writes: pace.writes, reads: pace.reads, staleReads: history.staleReads },
    otherGatewayMs: urls.map((_, gateway) => history.stalenessOf('other gateway', gateway)),
    databaseMs: urls.map((_, gateway) => history.stalenessOf('database', gateway)),
  };
}

async function injectFaults(
  shop: ShopUnderTest,
  { faults }: Mode,
  pace: Pace,
  goesOn: () => boolean,
): Promise<void> {
  for (const [index, fault] of faults.entries()) {
    const from = (pace.totalWrites * (index + 1)) / (faults.length + 1);
    while (goesOn() && pace.writes < from) await sleep(20);
    await fault(shop);
  }
}

/** Every question at every gateway, three times, with nothing less than the last version allowed. */
async function readEverything(
  reads: readonly ShopRead[],
  urls: readonly string[],
  history: WriteHistory,
): Promise<Violation[]> {
  const before = history.violations.length;
  history.settle();
  for (const gateway of urls.keys()) {
    const queue = [...reads, ...reads, ...reads];
    await runReader({
      ...{ history, urls, gateway, pace: new Pace(0, 0), hits: new HitCounts() },
      next: () => queue.pop() as ShopRead,
      goesOn: () => queue.length > 0,
    });
  }
  return history.violations.slice(before);
}
