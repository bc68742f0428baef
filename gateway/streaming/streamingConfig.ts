import { z } from 'zod';

const durationMs = (min: number) => z.int().min(min).max(600_000);

/** Subscriptions and live queries: what clients may do, and how long things may take. */
export const streamingConfigSchema = z.strictObject({
  maxConnections: z
    .int()
    .min(1)
    .default(20_000)
    .describe('WebSockets and streamed responses at the same time, per process.'),
  maxOperationsPerConnection: z
    .int()
    .min(1)
    .default(100)
    .describe('Operations under way at the same time on one WebSocket.'),
  maxQueueBytes: z
    .int()
    .min(1024)
    .default(256 * 1024)
    .describe('A client for which more bytes wait is too slow, and is closed.'),
  maxTotalQueueBytes: z
    .int()
    .min(1024 * 1024)
    .default(256 * 1024 * 1024)
    .describe(
      'What may wait for all clients together, per process; beyond it those are closed for which most waits.',
    ),
  maxPendingEvents: z
    .int()
    .min(1)
    .max(100_000)
    .default(256)
    .describe(
      'A subscription of which more events wait to be completed by other subgraphs, or to be sent, ends with EVENTS_LOST.',
    ),
  initTimeoutMs: durationMs(100)
    .default(5_000)
    .describe('How long a WebSocket may wait with `connection_init`.'),
  heartbeatMs: durationMs(100)
    .default(15_000)
    .describe(
      'How often a connection is tried; a WebSocket that does not answer until the next time is cut.',
    ),
  allowedOrigins: z
    .array(z.string())
    .optional()
    .describe(
      'Pages that may open a WebSocket. By default all; only those of the same host where cookies are sent on, or a proxy says who calls.',
    ),
  trustConnectionParams: z
    .boolean()
    .default(false)
    .describe(
      'Lets `connection_init` set `identity.trustedHeader`, which no proxy can check. For development.',
    ),
  upstreamRetryMs: durationMs(0)
    .default(60_000)
    .describe(
      'For how long a lost subscription to a subgraph is tried again, before its subscribers are told.',
    ),
  live: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Whether clients may ask for live queries.'),
      throttleMs: durationMs(10)
        .default(100)
        .describe('The least time between two executions of one live query; clients may ask for more.'),
      maxPerConnection: z
        .int()
        .min(1)
        .default(20)
        .describe('Live queries at the same time on one WebSocket.'),
      maxConcurrent: z
        .int()
        .min(1)
        .default(16)
        .describe('Live queries that are executed at the same time; the others wait.'),
    })
    .prefault({}),
  endOnGap: z
    .boolean()
    .default(false)
    .describe('Ends subscriptions with EVENTS_LOST when events may have been missed, instead of telling so.'),
});

export type StreamingConfig = z.infer<typeof streamingConfigSchema>;
