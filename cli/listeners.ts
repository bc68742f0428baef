import type { Config } from './config.js';

type Listener = readonly [setting: string, port: (config: Config) => number | undefined];

/** Every port that a process of ours may listen on, and how it is set. */
const LISTENERS: readonly Listener[] = [
  ['gateway.port (PORT, --port)', ({ gateway }) => gateway.port],
  ['gateway.admin.port (HEADGATE_ADMIN_PORT, --admin-port)', ({ gateway }) => gateway.admin.port],
  ['registry.port (HEADGATE_REGISTRY_PORT)', ({ registry }) => registry.port],
  ['metrics.port (HEADGATE_METRICS_PORT)', ({ metrics }) => metrics.port],
  ['subgraphs.products.port', ({ subgraphs }) => subgraphs.products.port],
  ['subgraphs.inventory.port', ({ subgraphs }) => subgraphs.inventory.port],
  ['subgraphs.orders.port', ({ subgraphs }) => subgraphs.orders.port],
  ['orders.worker.port (HEADGATE_WORKER_ADMIN_PORT, --admin-port)', ({ orders }) => orders.worker.port],
];

/** Which settings lead to this port. */
export function settingsOfPort(config: Config, port: number): string[] {
  return LISTENERS.filter(([, of]) => of(config) === port).map(([setting]) => setting);
}
