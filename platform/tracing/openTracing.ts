import type { Tracing } from './tracing.js';
import type { TracingConfig } from './tracingConfig.js';

/** `undefined` where traces go nowhere: nothing is loaded then, and nothing done per request. */
export async function openTracing(
  { url, sampleRatio }: TracingConfig,
  serviceName: string,
): Promise<Tracing | undefined> {
  if (url === undefined) return undefined;
  const { createOpenTelemetry } = await import('./openTelemetry.js');
  return createOpenTelemetry({ url, sampleRatio, serviceName });
}
