import type { Logger } from '../platform/logger.js';
import { createServiceMetrics, type ServiceMetrics } from '../platform/metrics/serviceMetrics.js';
import { startMetrics } from '../platform/metrics/startMetrics.js';
import { openTracing } from '../platform/tracing/openTracing.js';
import type { Tracing } from '../platform/tracing/tracing.js';
import type { Config } from './config.js';

export interface ObservedService {
  /** `undefined` where nobody can ask for them: then nothing is measured either. */
  readonly metrics: ServiceMetrics | undefined;
  readonly tracing: Tracing | undefined;
  /** Of the listener for metrics and health. */
  readonly url: string | undefined;
  close(): Promise<void>;
}

/** What a subgraph or a worker is watched by, as the configuration says. */
export async function observeService(
  name: string,
  config: Config,
  logger: Logger,
  ready?: () => Promise<void>,
): Promise<ObservedService> {
  const metrics = config.metrics.port === undefined ? undefined : createServiceMetrics();
  const listener =
    metrics && (await startMetrics({ config: config.metrics, metrics, ...(ready && { ready }), logger }));
  const tracing = await openTracing(config.gateway.tracing, name);
  return {
    metrics,
    tracing,
    url: listener?.url,
    async close() {
      await listener?.close();
      await tracing?.close();
    },
  };
}
