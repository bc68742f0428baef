import { z } from 'zod';

export const warmUpConfigSchema = z.strictObject({
  operations: z
    .int()
    .min(0)
    .max(100_000)
    .default(500)
    .describe('How many of the most used operations are planned for a new supergraph before it is served.'),
  timeoutMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(20_000)
    .describe('After this long the new supergraph is served with the plans that there are.'),
});

export type WarmUpConfig = z.infer<typeof warmUpConfigSchema>;
