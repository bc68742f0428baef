import { z } from 'zod';

/** The listener of subgraphs and workers for Prometheus; a gateway has its own, with more on it. */
export const metricsConfigSchema = z.strictObject({
  host: z
    .string()
    .default('127.0.0.1')
    .describe(
      'Address of the listener for metrics and health of subgraphs and workers; 0.0.0.0 in a container.',
    ),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('Port to listen on; 0 takes any free one. By default there is no such listener.'),
});

export type MetricsConfig = z.infer<typeof metricsConfigSchema>;
