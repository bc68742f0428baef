import { Registry } from 'prom-client';
import type { DatabaseMonitor } from '../database/databaseMonitor.js';
import { createDatabaseMetrics } from './databaseMetrics.js';
import { createHttpMetrics, type HttpMetrics } from './httpMetrics.js';
import { processMetrics } from './processMetrics.js';

/** The metrics of a process that serves and has a database: a subgraph, a worker. */
export interface ServiceMetrics {
  /** Whoever has more to tell adds it here. */
  readonly registry: Registry;
  readonly http: HttpMetrics;
  readonly database: DatabaseMonitor;
  readonly contentType: string;
  /** Everything at this moment, that of the process included. */
  text(): Promise<string>;
}

export function createServiceMetrics(): ServiceMetrics {
  const registry = new Registry();
  const process = processMetrics();
  return {
    registry,
    http: createHttpMetrics(registry),
    database: createDatabaseMetrics(registry),
    contentType: registry.contentType,
    text: async () => (await Promise.all([registry.metrics(), process.metrics()])).join('\n'),
  };
}
