import { parsePrometheus } from '../../test/support/parsePrometheus.js';
import { describeReal, realMongodbUri } from '../../test/support/realParts.js';
import { openDatabase } from '../database/openDatabase.js';
import { silentLogger } from '../logger.js';
import { createServiceMetrics } from './serviceMetrics.js';
import { startMetrics } from './startMetrics.js';

const config = { host: '127.0.0.1', port: 0 };
const logger = silentLogger();

describe('the listener of a service', () => {
  it('is not there unless a port is configured', async () => {
    const metrics = createServiceMetrics();
    expect(await startMetrics({ config: { host: '127.0.0.1' }, metrics, logger })).toBeUndefined();
  });

  it('says why a process is not ready', async () => {
    let fault: string | undefined = 'the queue is away';
    const ready = async () => {
      if (fault) throw new Error(fault);
    };
    const server = await startMetrics({ config, metrics: createServiceMetrics(), ready, logger });
    const ask = async (path: string) => {
      const answer = await fetch(`${server?.url}${path}`);
      return { status: answer.status, body: await answer.json() };
    };
    expect(await ask('/health/ready')).toEqual({ status: 503, body: { status: 'not ready', reason: fault } });
    expect((await ask('/health/live')).status).toBe(200);
    fault = undefined;
    expect((await ask('/health/ready')).status).toBe(200);
    expect((await ask('/nothing')).status).toBe(404);
    await server?.close();
  });
});

describeReal('mongodb', 'metrics of MongoDB', () => {
  it('are of commands and of connections', async () => {
    const metrics = createServiceMetrics();
    const server = await startMetrics({ config, metrics, logger });
    const uri = realMongodbUri();
    const database = await openDatabase({ name: 'test', uri, monitor: metrics.database });
    await database.ping(5_000);
    const families = parsePrometheus(await (await fetch(`${server?.url}/metrics`)).text());
    const sampleOf = (name: string, labels: object = {}) =>
      families
        .get(name.replace(/_count$/, ''))
        ?.samples.find(
          (sample) =>
            sample.name === name &&
            Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
        )?.value;
    const ping = { command: 'ping', outcome: 'succeeded' };
    expect(sampleOf('headgate_mongodb_command_duration_seconds_count', ping)).toBe(1);
    expect(sampleOf('headgate_mongodb_connections', { state: 'open' })).toBeGreaterThanOrEqual(1);
    expect(sampleOf('headgate_mongodb_connections', { state: 'used' })).toBe(0);
    expect(sampleOf('headgate_mongodb_connection_wait_seconds_count')).toBeGreaterThanOrEqual(1);
    expect(families.has('process_cpu_seconds_total')).toBe(true);
    await database.close();
    await server?.close();
  });
});
