import { z } from 'zod';

export const usageConfigSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Whether the registry is told which operations, fields and arguments which clients use.'),
  intervalMs: z.int().min(100).max(3_600_000).default(20_000).describe('How often it is told.'),
});

export type UsageConfig = z.infer<typeof usageConfigSchema>;
