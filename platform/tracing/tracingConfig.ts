import { z } from 'zod';

export const tracingConfigSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Where traces are sent, by OTLP over HTTP, such as http://jaeger:4318/v1/traces. By default nowhere.',
    ),
  sampleRatio: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe(
      'Part of the traces that begin here and are sent; those that began before follow their beginning.',
    ),
});

export type TracingConfig = z.infer<typeof tracingConfigSchema>;
