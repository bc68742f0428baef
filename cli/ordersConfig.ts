import { z } from 'zod';

/** How orders are worked on, by `headgate worker` and along with `headgate start`. */
export const ordersConfigSchema = z.strictObject({
  queueRedisUrl: z
    .url({ protocol: /^rediss?$/, hostname: /./ })
    .optional()
    .describe(
      'The Redis that keeps jobs (noeviction, append-only); without it they are kept in the process.',
    ),
  queueName: z
    .string()
    .regex(/^[\w-]+$/, 'expected letters, digits, - and _')
    .default('orders')
    .describe('Tells systems that share a Redis apart.'),
  concurrency: z.int().min(1).max(1_000).default(10).describe('Orders that one worker works on at a time.'),
  reservationMs: z
    .int()
    .min(1_000)
    .max(55 * 60 * 1_000)
    .default(15 * 60 * 1_000)
    .describe('How long stock is set aside for an order, from when the work on it begins.'),
  sandboxLateMs: z
    .int()
    .min(0)
    .default(3_000)
    .describe('How long a payment is pending that was ordered with the token `late`.'),
  mail: z
    .strictObject({
      smtpUrl: z
        .url({ protocol: /^smtps?$/ })
        .optional()
        .describe('smtp://user:password@host:port; without it mail is written to files.'),
      folder: z.string().min(1).optional().describe('Where those files go.'),
      from: z.string().min(3).optional().describe('Whom mail is from; by default shop@ the domain.'),
      domain: z
        .string()
        .regex(/^[\w.-]+$/, 'expected a domain')
        .default('headgate.invalid')
        .describe('Of Message-IDs, and of addresses of customers whose id is no address.'),
    })
    .prefault({}),
  worker: z
    .strictObject({
      host: z
        .string()
        .default('127.0.0.1')
        .describe('Address of the listener for operators of `headgate worker`; 0.0.0.0 in a container.'),
      port: z.int().min(0).max(65_535).default(9465).describe('Port of it; 0 takes any free one.'),
    })
    .prefault({}),
});

export type OrdersConfig = z.infer<typeof ordersConfigSchema>;
