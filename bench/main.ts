import { benchBalancing } from './balancing.js';
import { benchCache } from './cache.js';
import { benchCapacity } from './capacity.js';
import { benchChaos } from './chaos.js';
import { benchCoherence } from './coherence.js';
import { benchExecution } from './execution.js';
import { benchFaults } from './faults.js';
import { benchGraph } from './graph.js';
import { benchHostile } from './hostile.js';
import { benchHttp } from './http.js';
import { benchOrders } from './orders.js';
import { benchPartition } from './partition.js';
import { benchReload } from './reload.js';
import { benchSharding } from './sharding.js';
import { benchSubscribers } from './subscribers.js';

const BENCHES: Readonly<Record<string, () => Promise<string>>> = {
  balancing: benchBalancing,
  cache: benchCache,
  capacity: benchCapacity,
  chaos: benchChaos,
  coherence: benchCoherence,
  execution: benchExecution,
  faults: benchFaults,
  graph: benchGraph,
  hostile: benchHostile,
  http: benchHttp,
  reload: benchReload,
  orders: benchOrders,
  partition: benchPartition,
  subscribers: benchSubscribers,
  sharding: benchSharding,
};

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
  if (names.length === 0 || unknown.length > 0) {
    process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')}\n`);
    process.exitCode = 2;
    return;
  }
  for (const name of names) process.stdout.write(`${await BENCHES[name]?.()}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
