import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertWatch } from './alertWatch.js';
import type { Fault } from './drill.js';
import { primaryOf, slowFinds } from './members.js';
import { post } from './post.js';
import type { Stack } from './startStack.js';
import { ORDERED } from './traffic.js';

/** As many as a subgraph has connections to a member, and as many again, and some. */
const STOCK_READERS = 150;
const SLOW_MS = 2_500;
/** Each of them has to be worked on afterwards, so not many more than the alert asks for. */
const WAITING_ORDERS = 1_150;
const ORDERS_TIMEOUT_S = 240;

export function mailFails(stack: Stack): Fault {
  const folder = path.join(stack.folder, 'headgate-mail');
  return {
    what: 'mail cannot be sent, until its jobs are given up; then `headgate orders replay --all`',
    alerts: [{ alert: 'HeadgateDeadLetters' }],
    begin() {
      rmSync(folder, { recursive: true, force: true });
      writeFileSync(folder, 'in the way of the folder');
    },
    repair: async () => {
      rmSync(folder);
      await stack.headgate('orders', 'replay', '--all');
    },
  };
}

export function tooFewConnections(stack: Stack): Fault {
  const url = `http://127.0.0.1:${stack.addresses.port('inventory:4002')}/graphql`;
  const product = `{ __typename: "Product", id: "${ORDERED[0]}" }`;
  const read = `{ _entities(representations: [${product}]) { ... on Product { availability { available } } } }`;
  const end = new AbortController();
  let readers: Promise<unknown> | undefined;
  let members: readonly string[] = [];
  return {
    what: `${STOCK_READERS} clients read stock, which takes MongoDB ${SLOW_MS / 1000} s (fail point)`,
    alerts: [{ alert: 'HeadgateDatabaseConnectionsShort', labels: { subgraph: 'inventory' } }],
    begin: async () => {
      members = [await primaryOf(stack, 'inventory')];
      await slowFinds(stack, members, 'headgate-inventory', SLOW_MS);
      const reader = async () => {
        while (!end.signal.aborted) await post(url, read);
      };
      readers = Promise.all(Array.from({ length: STOCK_READERS }, reader));
    },
    repair: async () => {
      end.abort();
      await slowFinds(stack, members, 'headgate-inventory', 0);
      await readers;
    },
  };
}

/** @param pace makes clients order that many a second; without a number, as few as usual, and change stock as usual */
export function inventoryHangs(stack: Stack, watch: AlertWatch, pace: (orders?: number) => void): Fault {
  const inventory = stack.process('inventory');
  const labels = { subgraph: 'inventory' };
  return {
    what: 'inventory hangs (SIGSTOP) while orders come in',
    alerts: [
      { alert: 'HeadgateSubgraphDown', labels },
      { alert: 'HeadgateFeedBehind', labels },
      { alert: 'HeadgateQueueDeep' },
      { alert: 'HeadgateQueueOld' },
    ],
    begin: async () => {
      inventory.pause();
      pace(15);
      const waiting = () => watch.number('max(headgate_order_queue_jobs{state="waiting"})');
      for (let seconds = 0; seconds < ORDERS_TIMEOUT_S; seconds += 5) {
        if ((await waiting()) >= WAITING_ORDERS) break;
        await sleep(5_000);
      }
      pace(0.3);
    },
    repair: () => {
      inventory.resume();
      pace();
    },
  };
}
