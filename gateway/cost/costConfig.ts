import { z } from 'zod';

export const costConfigSchema = z.strictObject({
  mode: z
    .enum(['enforce', 'warn', 'off'])
    .default('enforce')
    .describe('`warn` counts and logs what would be refused; `off` does not look.'),
  max: z.number().min(1).default(1_000_000).describe('What an operation may cost at most, by estimate.'),
  defaultListSize: z
    .int()
    .min(0)
    .max(10_000)
    .default(10)
    .describe('Elements that a list is taken to have where no `@listSize` says more.'),
  subgraphs: z
    .array(z.strictObject({ name: z.string().min(1), max: z.number().min(0) }))
    .default([])
    .describe('What the fields of one subgraph may cost at most in an operation.'),
});

export type CostConfig = z.infer<typeof costConfigSchema>;
