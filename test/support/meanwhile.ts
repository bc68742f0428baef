import { setTimeout as sleep } from 'node:timers/promises';

/** Leaves the processor to the servers of the story. */
const PAUSE_MS = 5;

/** Does each of these again and again while the story goes on; fails as soon as one of them does, and waits for all. */
export async function meanwhile(
  works: readonly (() => Promise<void>)[],
  story: () => Promise<void>,
): Promise<void> {
  let isOver = false;
  const working = works.map(async (work) => {
    while (!isOver) {
      await work();
      await sleep(PAUSE_MS);
    }
  });
  const allWork = Promise.all(working);
  const told = story();
  // Nobody waits for it any more once a work has failed.
  told.catch(() => undefined);
  try {
    await Promise.race([told, allWork]);
  } finally {
    isOver = true;
    await Promise.allSettled(working);
  }
  await allWork;
}
