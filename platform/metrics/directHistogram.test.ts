import { Histogram, Registry } from 'prom-client';
import { DirectHistogram } from './directHistogram.js';

describe('DirectHistogram', () => {
  const about = { name: 'seconds', help: 'How long it took.', labelNames: ['kind'] as const };
  const buckets = [0.1, 0.5, 1];
  const values = [0.05, 0.1, 0.3, 0.5, 0.9, 1, 7];

  it('tells the same as a histogram of the library, as text and as JSON', async () => {
    const [own, theirs] = [new Registry(), new Registry()];
    const series = new DirectHistogram({ ...about, buckets, registry: own }).series({ kind: 'a' });
    const histogram = new Histogram({ ...about, buckets, registers: [theirs] });
    for (const value of values) {
      series.observe(value);
      histogram.observe({ kind: 'a' }, value);
    }
    expect(await own.metrics()).toBe(await theirs.metrics());
    // Exemplars, which this one never has, are told as null there.
    const json = async (registry: Registry) =>
      JSON.parse(JSON.stringify(await registry.getMetricsAsJSON()).replaceAll(',"exemplar":null', ''));
    expect(await json(own)).toEqual(await json(theirs));
  });

  it('keeps the series apart', async () => {
    const registry = new Registry();
    const histogram = new DirectHistogram({ ...about, buckets, registry });
    histogram.series({ kind: 'a' }).observe(0.2);
    const b = histogram.series({ kind: 'b' });
    b.observe(2);
    b.observe(3);
    const text = await registry.metrics();
    expect(text).toContain('seconds_count{kind="a"} 1\n');
    expect(text).toContain('seconds_sum{kind="b"} 5\n');
    expect(text).toContain('seconds_bucket{le="+Inf",kind="b"} 2\n');
  });
});
