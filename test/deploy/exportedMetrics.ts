import { gatewayConfigSchema } from '../../gateway/config.js';
import { startGateway } from '../../gateway/startGateway.js';
import { createStaticSource } from '../../gateway/supergraph/staticSource.js';
import { silentLogger } from '../../platform/logger.js';
import { createServiceMetrics } from '../../platform/metrics/serviceMetrics.js';
import { startMetrics } from '../../platform/metrics/startMetrics.js';
import { readAsset } from '../../platform/readAsset.js';
import { createRegistryMetrics } from '../../schema/registryMetrics.js';
import { createWorkerMetrics } from '../../subgraphs/orders/workerMetrics.js';
import { parsePrometheus } from '../support/parsePrometheus.js';

/** Names of all metrics that a gateway, a subgraph, a worker and a registry show to Prometheus, asked over HTTP. */
export async function exportedMetrics(): Promise<ReadonlySet<string>> {
  const logger = silentLogger();
  const gateway = await startGateway({
    config: gatewayConfigSchema.parse({ port: 0, admin: { port: 0 } }),
    source: createStaticSource(readAsset('schema/supergraph.graphql')),
    logger,
  });
  const queue = { waiting: 0, active: 0, delayed: 0, deadLetters: 0, oldestAgeMs: 0 };
  const worker = createWorkerMetrics({ stats: async () => queue as never }).registry;
  const service = createServiceMetrics();
  createRegistryMetrics(service.registry).watch({ waiting: 0 });
  const config = { host: '127.0.0.1', port: 0 };
  const listeners = await Promise.all([
    startMetrics({ config, metrics: service, logger }),
    startMetrics({
      config,
      metrics: { contentType: worker.contentType, text: () => worker.metrics() },
      logger,
    }),
  ]);
  const urls = [gateway.adminUrl, ...listeners.map((listener) => listener?.url)];
  try {
    const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
    return new Set(texts.flatMap((text) => [...parsePrometheus(text).keys()]));
  } finally {
    await gateway.stop();
    await Promise.all(listeners.map((listener) => listener?.close()));
  }
}
