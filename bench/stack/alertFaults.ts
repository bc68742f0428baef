import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertWatch } from './alertWatch.js';
import type { Drill, Fault } from './drill.js';
import { Flow } from './flow.js';
import { membersOf, primaryOf, runOnMember, slowFinds } from './members.js';
import { inventoryHangs, mailFails, tooFewConnections } from './orderFaults.js';
import { post } from './post.js';
import type { Stack } from './startStack.js';
import { type Kind, requestOf, restockRequest } from './traffic.js';

/** What one gateway executes at once in this drill. The clients of the shop never are so many. */
export const MAX_CONCURRENT = 20;
/** Of a shop whose cache works: hits, misses, changes, orders. */
const RATES = { kept: 20, new: 2, changes: 2, order: 0.3 };
/** What is not old enough is not compared with. */
const CACHE_WORKS_MS = 6 * 60_000;
/** Until a job is given up: twelve tries. */
const MAIL_PATIENCE_MS = 5 * 60_000;
/** The alert looks at what was a quarter of an hour ago. */
const CACHE_PATIENCE_MS = 15 * 60_000;

/** Every fault, as many at once as do not touch each other. */
export class AlertFaults {
  readonly #stack: Stack;
  readonly #watch: AlertWatch;
  readonly #drill: Drill;
  readonly #url: string;
  readonly #kept: Flow;
  readonly #new: Flow;
  readonly #changes: Flow;
  readonly #orders: Flow;

  constructor(stack: Stack, watch: AlertWatch, drill: Drill) {
    this.#stack = stack;
    this.#watch = watch;
    this.#drill = drill;
    this.#url = `${stack.origin}/graphql`;
    const url = this.#url;
    const flow = (kind: Kind, connections: number, perSecond: number) =>
      new Flow({
        url,
        connections,
        perSecond,
        request: (index) => requestOf(url, kind, index, 'customer-0'),
      });
    this.#kept = flow('kept', 8, RATES.kept);
    this.#new = flow('new', 10, RATES.new);
    this.#orders = flow('order', 12, RATES.order);
    this.#changes = new Flow({
      ...{ url, connections: 2, perSecond: RATES.changes },
      request: (index) => restockRequest(url, index),
    });
  }

  async run(): Promise<void> {
    // Two scrapes, without which there is no rate.
    await sleep(25_000);
    const cacheWorked = this.#drill.wants('HeadgateCacheHitRatioFell')
      ? sleep(CACHE_WORKS_MS)
      : Promise.resolve();
    await Promise.all([
      this.#drill.run(this.#gatewayKilled()),
      this.#drill.run(this.#registryKilled()),
      this.#drill.run(this.#secondaryHeld()),
      this.#drill.run(this.#slowReads()),
      this.#errors(),
      this.#ofRedis(),
      this.#ofOrders(),
      cacheWorked.then(() => this.#drill.run(this.#cacheDefeated(), CACHE_PATIENCE_MS)),
    ]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#kept, this.#new, this.#changes, this.#orders].map((flow) => flow.stop()));
  }

  #gatewayKilled(): Fault {
    const gateway = this.#stack.process('gateway-3');
    const instance = `127.0.0.1:${this.#stack.addresses.port('gateway-3:9464')}`;
    return {
      what: 'a gateway killed',
      alerts: [{ alert: 'HeadgateGatewayDown', labels: { instance } }],
      begin: () => gateway.kill(),
      repair: () => gateway.start(),
    };
  }

  #registryKilled(): Fault {
    const registry = this.#stack.process('registry');
    return {
      what: 'the schema registry killed',
      alerts: [{ alert: 'HeadgateRegistryDown' }],
      begin: () => registry.kill(),
      repair: () => registry.start(),
    };
  }

  #secondaryHeld(): Fault {
    const held = async (mode: 'alwaysOn' | 'off') => {
      await runOnMember(this.#stack, await secondary, { configureFailPoint: 'rsSyncApplyStop', mode });
    };
    const secondary = primaryOf(this.#stack, 'shard-a').then(
      (primary) => membersOf('shard-a').find((name) => name !== primary) as string,
    );
    return {
      what: 'a secondary of the shop applies nothing any more (fail point)',
      alerts: [{ alert: 'HeadgateReplicaLag' }],
      begin: () => held('alwaysOn'),
      repair: () => held('off'),
    };
  }

  #slowReads(): Fault {
    const slowed = (ms: number) => slowFinds(this.#stack, membersOf('shard-a'), 'headgate-products', ms);
    return {
      what: 'each read of products takes MongoDB 0.8 s longer (fail point)',
      alerts: [{ alert: 'HeadgateSlow' }],
      begin: () => slowed(800),
      repair: () => slowed(0),
    };
  }

  /** Two alerts on one dose of refused requests, kept just above what each of them tolerates, or there would be no end to it. */
  async #errors(): Promise<void> {
    let dose = 0;
    const end = new AbortController();
    const dosing = this.#overload(() => dose, end.signal);
    const fault = (alert: string, what: string, beginAt: number, repairTo: number): Fault => ({
      ...{ alerts: [{ alert }], what },
      begin: () => {
        dose = Math.max(dose, beginAt);
      },
      repair: () => {
        dose = repairTo;
      },
    });
    await Promise.all([
      this.#drill.run(
        fault(
          'HeadgateErrorBudgetBurnsFast',
          'a gateway gets more than it lets in: 2 % of all is refused',
          0.02,
          0.007,
        ),
      ),
      this.#drill.run(fault('HeadgateErrorBudgetBurnsSlowly', 'the same, and 0.7 % later on', 0.007, 0)),
    ]);
    end.abort();
    await dosing;
  }

  /** Sends more at once to one gateway than it lets in, whenever fewer requests failed so far than should. */
  async #overload(dose: () => number, signal: AbortSignal): Promise<void> {
    const url = `http://127.0.0.1:${this.#stack.addresses.port('gateway-2:4000')}/graphql`;
    let index = 0;
    while (!signal.aborted) {
      await sleep(2_000);
      if ((await this.#watch.number('headgate:error_ratio:rate1h')) >= dose()) continue;
      const burst = Array.from({ length: MAX_CONCURRENT + 6 }, () => {
        const query = `{ products(first: 2, filter: { minPriceMinor: ${index++} }) { edges { node { id } } } }`;
        return post(url, query);
      });
      await Promise.all(burst);
    }
  }

  async #ofRedis(): Promise<void> {
    const cache = this.#stack.process('cache');
    await this.#drill.run({
      what: 'Redis of the cache killed',
      alerts: [{ alert: 'HeadgateRedisBreakerOpen' }],
      begin: () => cache.kill(),
      repair: () => cache.start(),
    });
    let timer: NodeJS.Timeout | undefined;
    await this.#drill.run({
      what: 'Redis of the cache stands still for 0.2 s, again and again',
      alerts: [{ alert: 'HeadgatePurgeLag' }],
      begin: () => {
        timer = setInterval(() => {
          cache.pause();
          setTimeout(() => cache.resume(), 200);
        }, 400);
      },
      repair: async () => {
        clearInterval(timer);
        await sleep(300);
        cache.resume();
      },
    });
  }

  async #ofOrders(): Promise<void> {
    await Promise.all([
      this.#drill.run(mailFails(this.#stack), MAIL_PATIENCE_MS),
      this.#drill.run(tooFewConnections(this.#stack)),
    ]);
    const pace = (orders?: number) => {
      this.#orders.pace(orders ?? RATES.order);
      // Who changes stock would wait for inventory.
      this.#changes.pace(orders === undefined ? RATES.changes : 0);
    };
    await this.#drill.run(inventoryHangs(this.#stack, this.#watch, pace));
    const queue = this.#stack.process('queue');
    await this.#drill.run({
      what: 'Redis of the queue killed',
      alerts: [{ alert: 'HeadgateQueueAway' }],
      begin: () => queue.kill(),
      repair: () => queue.start(),
    });
  }

  #cacheDefeated(): Fault {
    return {
      what: 'clients that ask for something else each time, where they asked for the same',
      alerts: [{ alert: 'HeadgateCacheHitRatioFell' }],
      begin: () => {
        this.#kept.pace(2);
        this.#new.pace(12);
      },
      repair: () => {
        this.#kept.pace(RATES.kept);
        this.#new.pace(RATES.new);
      },
    };
  }
}
