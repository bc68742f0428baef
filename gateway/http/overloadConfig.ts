import { z } from 'zod';

export const overloadConfigSchema = z.strictObject({
  maxConcurrent: z
    .int()
    .min(1)
    .default(2_000)
    .describe('Requests that may be under way at once, those that a cache answers aside; more are refused.'),
  minConcurrent: z
    .int()
    .min(1)
    .default(100)
    .describe('How many are let in however late the event loop is, or full the heap.'),
  maxEventLoopDelayMs: z
    .number()
    .min(1)
    .default(200)
    .describe('While the event loop is later than this, fewer are let in.'),
  maxHeapRatio: z
    .number()
    .min(0.1)
    .max(1)
    .default(0.9)
    .describe('While more of the heap than this is in use, fewer are let in.'),
  retryAfterSeconds: z.int().min(1).default(1).describe('What clients are told that were refused.'),
});

export type OverloadConfig = z.infer<typeof overloadConfigSchema>;
