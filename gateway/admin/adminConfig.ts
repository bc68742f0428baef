import { z } from 'zod';
import { headerSecret } from '../../platform/config/headerSecret.js';

/** The listener for operators: metrics, health, purge. Apart from the one for clients, so that none of it is public. */
export const adminConfigSchema = z.strictObject({
  host: z
    .string()
    .default('127.0.0.1')
    .describe('Address of the listener for operators (metrics, health, purge); 0.0.0.0 in a container.'),
  port: z.int().min(0).max(65_535).default(9464).describe('Port to listen on; 0 takes any free one.'),
  token: headerSecret()
    .optional()
    .describe(
      'Opens `/purge`. Without it, only programs on the same machine may purge, and nobody with `NODE_ENV=production`.',
    ),
});

export type AdminConfig = z.infer<typeof adminConfigSchema>;
