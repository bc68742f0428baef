import { z } from 'zod';

export const corsConfigSchema = z
  .strictObject({
    origins: z
      .array(
        z
          .string()
          .regex(/^(\*|https?:\/\/[^/\s,]+)$/, 'expected an origin such as https://shop.example.com, or *'),
      )
      .default([])
      .describe('Pages of these origins may read answers in a browser. Without any, no CORS header is sent.'),
    credentials: z.boolean().default(false).describe('Whether their cookies may be sent along.'),
    maxAgeSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(600)
      .describe('How long a browser may remember what it was allowed.'),
  })
  .refine(({ origins, credentials }) => !(credentials && origins.includes('*')), {
    message: 'expected origins by name where credentials are allowed',
  });

export type CorsConfig = z.infer<typeof corsConfigSchema>;
