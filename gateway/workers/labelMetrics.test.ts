import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { parsePrometheus } from '../../test/support/parsePrometheus.js';
import { labelMetrics } from './labelMetrics.js';
import type { MetricsJson } from './supervisionMessages.js';

/** What a worker with so many requests says, after it went over the channel. */
async function metricsOf(requests: number): Promise<MetricsJson> {
  const registers = [new Registry()];
  new Counter({ name: 'requests_total', help: 'Requests.', labelNames: ['method'], registers }).inc(
    { method: 'GET' },
    requests,
  );
  new Histogram({ name: 'duration_seconds', help: 'Time.', buckets: [1], registers }).observe(requests);
  new Gauge({ name: 'start', help: 'Start.', aggregator: 'omit', registers }).set(Number.NaN);
  return JSON.parse(JSON.stringify(await registers[0]?.getMetricsAsJSON())) as MetricsJson;
}

describe('labelMetrics', () => {
  it('keeps each series of each worker, and its value', async () => {
    const text = await labelMetrics(
      new Map([
        ['0', await metricsOf(1)],
        ['1', await metricsOf(5)],
      ]),
    );
    const families = parsePrometheus(text);
    expect(families.get('requests_total')?.samples).toEqual([
      { name: 'requests_total', labels: { method: 'GET', worker: '0' }, value: 1 },
      { name: 'requests_total', labels: { method: 'GET', worker: '1' }, value: 5 },
    ]);
    expect(families.get('duration_seconds')?.samples).toHaveLength(2 * 4);
    expect(families.get('duration_seconds')?.samples).toContainEqual({
      name: 'duration_seconds_sum',
      labels: { worker: '1' },
      value: 5,
    });
    expect(families.get('start')?.samples.map(({ value }) => value)).toEqual([Number.NaN, Number.NaN]);
  });

  it('takes what only one of them has', async () => {
    const registers = [new Registry()];
    new Gauge({ name: 'only', help: 'Only here.', registers }).set(3);
    const own = (await registers[0]?.getMetricsAsJSON()) as unknown as MetricsJson;
    const families = parsePrometheus(
      await labelMetrics(
        new Map([
          ['0', await metricsOf(1)],
          ['primary', own],
        ]),
      ),
    );
    expect(families.get('only')?.samples).toEqual([
      { name: 'only', labels: { worker: 'primary' }, value: 3 },
    ]);
  });
});
