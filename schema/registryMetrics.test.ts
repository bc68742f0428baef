import { Registry } from 'prom-client';
import { readAsset } from '../platform/readAsset.js';
import { createRegistryMetrics } from './registryMetrics.js';
import { WorkRefusedError } from './work/errors.js';
import type { SchemaWorker } from './work/schemaWorker.js';

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

describe('the metrics of a registry', () => {
  it('stand in docs/registry.md, each with its row', () => {
    const registry = new Registry();
    createRegistryMetrics(registry).watch({ waiting: 0 });
    const rows = (registry.getMetricsAsArray() as unknown as Described[]).map(
      ({ name, type, labelNames, help }) =>
        `| \`${name}\` | ${type} | ${labelNames.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
    );
    const documented = readAsset('docs/registry.md')
      .split('\n')
      .filter((line) => line.startsWith('| `headgate_'));
    expect(documented.sort()).toEqual(rows.sort());
  });

  it('count what was published and checked, by what came of it', async () => {
    const registry = new Registry();
    const metrics = createRegistryMetrics(registry);
    const outcomes = ['published', 'unchanged', 'refused', 'published'];
    const { publish } = metrics.publisher({
      publish: async () => {
        const outcome = outcomes.shift();
        if (outcome === undefined) throw new Error('the database is away');
        return { outcome, version: 1 } as never;
      },
      rollback: async () => true,
    });
    const request = { subgraphs: [], by: 'team-products' };
    for (let count = 0; count < 4; count++) await publish(request);
    await expect(publish(request)).rejects.toThrow('the database is away');
    await metrics.check(async () => ({ outcome: 'failed' }) as never)({} as never);
    metrics.watch({ waiting: 3 });
    const text = await registry.metrics();
    for (const line of [
      'headgate_schema_publications_total{outcome="published"} 2',
      'headgate_schema_publications_total{outcome="unchanged"} 1',
      'headgate_schema_publications_total{outcome="refused"} 1',
      'headgate_schema_publications_total{outcome="error"} 1',
      'headgate_schema_checks_total{outcome="failed"} 1',
      'headgate_schema_gateways_waiting 3',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('tell a job that was refused from one that was done, and pass the refusal on', async () => {
    const registry = new Registry();
    const refusal = new WorkRefusedError('queue', 'too many are waiting');
    const busy: SchemaWorker = {
      run: () => Promise.reject(refusal),
      close: async () => undefined,
    };
    const worker = createRegistryMetrics(registry).worker(busy);
    await expect(worker.run({ kind: 'lint', text: '', levels: {} as never })).rejects.toBe(refusal);
    expect(await registry.metrics()).toContain(
      'headgate_schema_work_duration_seconds_count{kind="lint",outcome="failed"} 1',
    );
  });
});
