import { z } from 'zod';

export const explorerConfigSchema = z.strictObject({
  enabled: z.boolean().default(false).describe('Serves the explorer at `/graphiql`.'),
  trace: z
    .boolean()
    .default(false)
    .describe(
      'Whether clients may ask how a request was run. With `NODE_ENV=production` only those with the token.',
    ),
  token: z
    .string()
    .min(16)
    .regex(/^[\x21-\x7e]+$/, 'expected printable ASCII without spaces, since it is sent in a header')
    .optional()
    .describe('Has to be sent for a trace, and opens the schema to the explorer while introspection is off.'),
});

export type ExplorerConfig = z.infer<typeof explorerConfigSchema>;
