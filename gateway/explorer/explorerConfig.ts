import { z } from 'zod';
import { headerSecret } from '../../platform/config/headerSecret.js';

export const explorerConfigSchema = z.strictObject({
  enabled: z.boolean().default(false).describe('Serves the explorer at `/graphiql`.'),
  trace: z
    .boolean()
    .default(false)
    .describe(
      'Whether clients may ask how a request was run. With `NODE_ENV=production` only those with the token.',
    ),
  token: headerSecret()
    .optional()
    .describe('Has to be sent for a trace, and opens the schema to the explorer while introspection is off.'),
});

export type ExplorerConfig = z.infer<typeof explorerConfigSchema>;
