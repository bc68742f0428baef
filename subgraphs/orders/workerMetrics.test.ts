import { readFileSync } from 'node:fs';
import { assetPath } from '../../platform/readAsset.js';
import { createInProcessQueue } from './queue/inProcessQueue.js';
import { createWorkerMetrics } from './workerMetrics.js';

const STATS = { waiting: 3, active: 2, delayed: 1, deadLetters: 4, oldestAgeMs: 1_500 };

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

describe('the metrics of a worker', () => {
  it('stand in docs/orders.md, each with its row', () => {
    const { registry } = createWorkerMetrics(
      createInProcessQueue({ retry: { attempts: 1, backoffMs: 1, maxBackoffMs: 1 } }),
    );
    const rows = (registry.getMetricsAsArray() as unknown as Described[]).map(
      ({ name, type, labelNames, help }) =>
        `| \`${name}\` | ${type} | ${labelNames.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
    );
    const documented = readFileSync(assetPath('docs/orders.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `headgate_'));
    expect(documented.sort()).toEqual(rows.sort());
  });

  it('show the queue at this moment, and what this worker did', async () => {
    const metrics = createWorkerMetrics({ stats: async () => STATS });
    metrics.reached('PAID');
    metrics.handled('dead', 0.2);
    const text = await metrics.text();
    for (const line of [
      'headgate_order_queue_jobs{state="waiting"} 3',
      'headgate_order_queue_jobs{state="active"} 2',
      'headgate_order_queue_jobs{state="delayed"} 1',
      'headgate_order_queue_jobs{state="dead"} 4',
      'headgate_order_queue_oldest_seconds 1.5',
      'headgate_order_queue_up 1',
      'headgate_order_transitions_total{status="PAID"} 1',
      'headgate_order_job_duration_seconds_count{outcome="dead"} 1',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('say that the queue is away, and no old numbers of it', async () => {
    let down = false;
    const metrics = createWorkerMetrics({
      stats: async () => {
        if (down) throw new Error('away');
        return STATS;
      },
    });
    await metrics.text();
    down = true;
    const text = await metrics.text();
    expect(text).toContain('headgate_order_queue_up 0');
    expect(text).not.toMatch(/^headgate_order_queue_(jobs|oldest)/m);
  });
});
