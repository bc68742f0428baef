import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Registry } from 'prom-client';
import { processMetrics } from '../../platform/metrics/processMetrics.js';
import { createServiceMetrics } from '../../platform/metrics/serviceMetrics.js';
import { MemoryStore } from '../cache/memoryStore.js';
import { TieredCache } from '../cache/tieredCache.js';
import { createGatewayMetrics } from './gatewayMetrics.js';

/** What the types of the library leave out. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

const document = readFileSync(path.join(__dirname, '../../docs/metrics.md'), 'utf8');

function everyMetric(): readonly Registry[] {
  const metrics = createGatewayMetrics();
  const store = new TieredCache({ memory: new MemoryStore({ maxBytes: 1024 * 1024 }) });
  metrics.watchCaches({ store, maxMemoryBytes: 1024 * 1024, feedStatuses: () => [] });
  metrics.watchUpstream({
    clients: { newest: () => new Map() },
    shedder: { limit: 1, underWay: 0, shed: 0 },
  });
  metrics.streaming.watch({
    connections: () => 0,
    streams: () => ({ streams: 0, subscribers: 0 }),
    queuedBytes: () => 0,
    upstreamSubscriptions: () => new Map(),
  });
  return [metrics.registry, createServiceMetrics().registry];
}
const described = (registry: Registry) => registry.getMetricsAsArray() as unknown as readonly Described[];

describe('docs/metrics.md', () => {
  const all = everyMetric().flatMap(described);
  // A gateway and a subgraph count requests by the same name.
  const metrics = [...new Map(all.map((metric) => [metric.name, metric])).values()];

  it('has a row for every metric of a gateway or a service, and no other', () => {
    const rows = metrics.map(({ name, type, labelNames, help }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${labels} | ${help} |`;
    });
    const documented = document.split('\n').filter((line) => line.startsWith('| `headgate_'));
    expect([...documented].sort()).toEqual(rows.sort());
  });

  it('names those of the process', () => {
    const names = described(processMetrics()).map(({ name }) => name);
    const documented = [...document.matchAll(/^- `((?:process|nodejs)_\w+)`$/gm)].map(([, name]) => name);
    // Those of open files and the like exist on Linux only.
    if (process.platform === 'linux') expect(documented.sort()).toEqual(names.sort());
    else expect(documented).toEqual(expect.arrayContaining(names));
  });

  it('is of metrics whose names follow the rules of Prometheus', () => {
    for (const { name, type } of metrics) {
      expect(name).toMatch(/^headgate_[a-z]+(_[a-z]+)*$/);
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      expect([name, /_(seconds|cost)$/.test(name) || type !== 'histogram']).toEqual([name, true]);
    }
  });

  it('is of metrics whose labels nobody outside can fill with what they like', () => {
    const labels = new Set(metrics.flatMap(({ labelNames }) => labelNames));
    const bounded = [
      'by',
      'code',
      'command',
      'event',
      'kind',
      'member',
      'method',
      'operation',
      'outcome',
      'state',
      'status',
      'subgraph',
      'tier',
      'verdict',
    ];
    expect([...labels].sort()).toEqual(bounded);
  });
});
