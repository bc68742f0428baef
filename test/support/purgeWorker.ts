import { createWorkerSiblings } from '../../gateway/cache/invalidate/workerSiblings.js';

/** What a test tells a worker to do. */
export type WorkerOrder =
  | { readonly order: 'purge'; readonly tag: string; readonly sharedPurged?: boolean }
  /** Stops looking at messages, as a process in an endless loop does. */
  | { readonly order: 'hang' }
  | { readonly order: 'fail-purges' }
  /** Closes its channel and goes on. */
  | { readonly order: 'disconnect' }
  | { readonly order: 'exit' };

/** What a worker tells the test. */
export type WorkerReport =
  | { readonly report: 'joined' }
  | { readonly report: 'hanging' }
  | { readonly report: 'received'; readonly tag: string }
  | { readonly report: 'purged'; readonly tag: string };

const siblings = createWorkerSiblings(process);
let failing = false;
const report = (message: WorkerReport) => void process.send?.(message);

process.on('message', (message: WorkerOrder) => {
  if (message.order === 'purge') {
    const { tag, sharedPurged = true } = message;
    const notice = { origin: 'test', invalidation: { source: 'products', tags: [tag] }, sharedPurged };
    void siblings.purge(notice).then(() => report({ report: 'purged', tag }));
  }
  if (message.order === 'hang') {
    process.send?.({ report: 'hanging' } satisfies WorkerReport, () => {
      for (;;);
    });
  }
  if (message.order === 'fail-purges') failing = true;
  if (message.order === 'disconnect') {
    // A worker of a cluster ends when its channel is closed, unless it holds on to something else.
    process.removeAllListeners('disconnect');
    setInterval(() => undefined, 1_000);
    process.disconnect();
  }
  if (message.order === 'exit') process.exit(0);
});

void siblings
  .join(async ({ invalidation }) => {
    if (failing) throw new Error('memory is broken');
    report({ report: 'received', tag: invalidation.tags[0] as string });
  })
  .then(() => report({ report: 'joined' }));
