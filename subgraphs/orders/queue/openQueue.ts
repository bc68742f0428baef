import type { BullmqQueueOptions } from './bullmqQueue.js';
import { createInProcessQueue } from './inProcessQueue.js';
import type { JobQueue } from './jobQueue.js';

export interface QueueOptions extends Omit<BullmqQueueOptions, 'url'> {
  /** Of the Redis that keeps the jobs; without it they are kept in this process. */
  readonly url?: string | undefined;
}

export async function openQueue({ url, ...options }: QueueOptions): Promise<JobQueue> {
  if (!url) return createInProcessQueue(options);
  // Loaded on demand: a laptop without Redis does not pay for it at its start.
  const { createBullmqQueue } = await import('./bullmqQueue.js');
  return createBullmqQueue({ ...options, url });
}
