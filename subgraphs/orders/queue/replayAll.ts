import type { JobQueue } from './jobQueue.js';

const PAGE = 500;

/**
 * Replays every dead letter that is there now, the oldest first and a page at a time. One that is given up again
 * meanwhile is among the newest then, and stays there.
 */
export async function replayAll(
  queue: Pick<JobQueue, 'stats' | 'deadLetters' | 'replay'>,
  replayed: (id: string) => void,
): Promise<void> {
  let left = (await queue.stats()).deadLetters;
  while (left > 0) {
    const page = await queue.deadLetters(Math.min(left, PAGE), 'oldest');
    if (page.length === 0) return;
    for (const { id } of page) {
      // Not if somebody else has, a moment ago.
      if (await queue.replay(id)) replayed(id);
    }
    left -= page.length;
  }
}
