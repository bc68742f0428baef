import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assetPath } from '../../platform/readAsset.js';
import { until } from '../../test/support/until.js';
import { GATEWAYS, servedVersions } from './gatewayViews.js';
import { findPrimary, primaryOf } from './members.js';
import type { Stack } from './startStack.js';
import type { Kind } from './traffic.js';

export interface Phase {
  readonly name: string;
  /** What clients may see fail meanwhile; all else may not. */
  readonly mayFail: readonly Kind[];
  /** Does its work under load, and ends when all is well again. @param seconds how long a part stays away */
  run(stack: Stack, seconds: number): Promise<void>;
}

/** NGINX leaves a gateway alone for so long after it failed (`fail_timeout`); who takes the next one before has two away. */
const NGINX_FORGIVES_MS = 10_000;
const RECOVERY_TIMEOUT_MS = 60_000;

const killed = (name: string, mayFail: readonly Kind[], what = name): Phase => ({
  name: `${what} killed, back later`,
  mayFail,
  async run(stack, seconds) {
    const part = stack.process(name);
    await part.kill();
    await sleep(seconds * 1000);
    await part.start();
  },
});

export const PHASES: readonly Phase[] = [
  { name: 'steady', mayFail: [], run: async () => undefined },
  {
    name: 'gateways restarted one by one',
    mayFail: [],
    async run(stack) {
      for (const name of GATEWAYS) {
        if (name !== GATEWAYS[0]) await sleep(NGINX_FORGIVES_MS);
        await stack.process(name).stop();
        await stack.process(name).start();
      }
    },
  },
  // An order that was under way on it is not sent again: it can be a second one for all that NGINX knows.
  killed('gateway-1', ['order']),
  killed('inventory', ['stock'], 'subgraph inventory'),
  killed('worker-1', []),
  killed('cache', [], 'Redis of the cache'),
  {
    name: 'MongoDB primary of the shop killed',
    mayFail: ['order'],
    async run(stack) {
      const primary = stack.process(await primaryOf(stack, 'shard-a'));
      await primary.kill();
      await until(
        'another member is primary',
        async () => (await findPrimary(stack, 'shard-a')) !== undefined,
        RECOVERY_TIMEOUT_MS,
      );
      await primary.start();
    },
  },
  {
    name: 'a schema published',
    mayFail: [],
    async run(stack) {
      const before = await servedVersions(stack);
      const schema = readFileSync(assetPath('subgraphs/products/typeDefs.graphql'), 'utf8');
      const changed = path.join(stack.folder, 'products.graphql');
      writeFileSync(
        changed,
        `${schema}\nextend type Query {\n  "A field that nobody asks for."\n  stackCheck: String\n}\n`,
      );
      await stack.publish('products', changed);
      const isNewer = async () =>
        (await servedVersions(stack)).every((version, index) => version > (before[index] ?? 0));
      await until('every gateway serves the new graph', isNewer, RECOVERY_TIMEOUT_MS);
    },
  },
];
