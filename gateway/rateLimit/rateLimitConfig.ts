import { z } from 'zod';

export const LIMITED_BY = ['identity', 'client', 'address'] as const;
export type LimitedBy = (typeof LIMITED_BY)[number];

const ruleSchema = z
  .strictObject({
    by: z.enum(LIMITED_BY),
    limit: z.int().min(1).max(1_000_000),
    perSeconds: z.int().min(1).max(86_400),
    burst: z.int().min(1).optional(),
  })
  .refine(({ limit, burst = 1 }) => burst <= limit, {
    message: 'expected no more than limit',
    path: ['burst'],
  });

export const rateLimitConfigSchema = z.strictObject({
  mode: z
    .enum(['enforce', 'warn'])
    .default('enforce')
    .describe('`warn` only counts what would be refused, and sends no headers.'),
  rules: z
    .array(ruleSchema)
    .max(16)
    .default([])
    .describe('How many requests one identity, client or address may send; none means no limit.'),
  maxEntries: z
    .int()
    .min(1_000)
    .max(10_000_000)
    .default(100_000)
    .describe('Counted subjects kept in the memory of a process; the one unseen for longest is forgotten.'),
  redisDeadlineMs: z
    .int()
    .min(1)
    .max(10_000)
    .default(50)
    .describe('After this long without an answer of Redis, the process decides by its own count.'),
});

export type RateLimitConfig = z.infer<typeof rateLimitConfigSchema>;
export type RateLimitRule = z.infer<typeof ruleSchema>;
