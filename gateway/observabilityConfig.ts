import { z } from 'zod';

/** What is measured and told about operations. */
export const observabilityConfigSchema = z.strictObject({
  operations: z
    .array(z.string().regex(/^[_A-Za-z]\w*$/, 'expected the name of an operation'))
    .max(500)
    .default([])
    .describe('Names of operations that metrics tell apart; all others are `other`.'),
  slowOperationMs: z
    .int()
    .min(1)
    .optional()
    .describe('An operation that took as long is logged, with the hash of its text. By default none is.'),
  logVariables: z
    .boolean()
    .default(false)
    .describe('Whether that log has the variables as well, which may be about people.'),
});

export type ObservabilityConfig = z.infer<typeof observabilityConfigSchema>;
