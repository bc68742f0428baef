import { z } from 'zod';

export const planningConfigSchema = z.strictObject({
  inlineFields: z
    .int()
    .min(0)
    .default(100)
    .describe(
      'Operations with more fields (fragments counted wherever they are spread) are planned beside the event loop.',
    ),
  timeoutMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(10_000)
    .describe('Planning such an operation is given up after this long.'),
  maxWaiting: z
    .int()
    .min(1)
    .default(100)
    .describe('Operations that may wait to be planned there; more are refused.'),
});

export type PlanningConfig = z.infer<typeof planningConfigSchema>;
