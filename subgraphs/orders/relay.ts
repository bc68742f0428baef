import { hostname } from 'node:os';
import { abortableDelay } from '../../platform/abortableDelay.js';
import type { ChangeEvent, Database } from '../../platform/database/database.js';
import { CursorLostError } from '../../platform/database/errors.js';
import type { Logger } from '../../platform/logger.js';
import { ORDERS } from './collections.js';
import { jobOf, type OrderDocument, type OutboxEntry } from './orderDocument.js';
import type { JobQueue } from './queue/jobQueue.js';
import { createRelayLease, type RelayLease } from './relayLease.js';

export interface RelayOptions {
  readonly database: Database;
  readonly queue: Pick<JobQueue, 'add'>;
  /** Adds what an outbox holds although no event told of it. Called when events may have been missed; fails when aborted. */
  catchUp(signal: AbortSignal): Promise<void>;
  /** A relay that has not been heard of for this long is dead, and another one goes on from its cursor. @default 10000 */
  readonly leaseMs?: number | undefined;
  /** How long to wait after a fault, of the queue or of the database. @default 1000 */
  readonly retryMs?: number | undefined;
  readonly logger: Logger;
}

export interface Relay {
  close(): Promise<void>;
}

/**
 * Hands jobs from the outboxes to the queue, in the order of the change stream. Its cursor is kept in the database and
 * moves only past what the queue has taken: a queue that is away delays, and loses nothing. Of several processes one
 * relays, and the others stand by.
 */
export function startRelay(options: RelayOptions): Relay {
  const { database, leaseMs = 10_000, retryMs = 1_000, logger } = options;
  const closing = new AbortController();
  const owner = `${hostname()}/${process.pid}/${Math.random().toString(36).slice(2)}`;
  const lease = createRelayLease({ database, owner, leaseMs });

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const held = await lease.take();
        if (held !== undefined) await relay(options, lease, held.cursor, closing.signal);
      } catch (err) {
        if (!closing.signal.aborted) logger.warn({ err }, 'the relay of orders stopped, and will go on');
        if (err instanceof CursorLostError) await lease.forget().catch(() => undefined);
      }
      await abortableDelay(retryMs, closing.signal);
    }
    await lease.release().catch(() => undefined);
  }
  const running = run();

  return {
    async close() {
      closing.abort();
      await running;
    },
  };
}

/** Until the lease is lost, or something fails. */
async function relay(
  { database, queue, catchUp, leaseMs = 10_000 }: RelayOptions,
  lease: RelayLease,
  after: string | undefined,
  closing: AbortSignal,
): Promise<void> {
  // While the lease was being taken, perhaps: nobody would tell the feed to end.
  if (closing.aborted) return;
  const feed = database.watch({ collections: [ORDERS.name], after, heartbeatMs: leaseMs / 5 });
  const stop = () => void feed.close().catch(() => undefined);
  closing.addEventListener('abort', stop, { once: true });
  try {
    if (after === undefined) {
      await feed.ready;
      await whileHeld(lease, leaseMs / 5, closing, catchUp);
    }
    let savedAt = 0;
    let done: string | undefined;
    for await (const event of feed) {
      if (event.kind === 'change') {
        for (const entry of newEntries(event)) await queue.add(jobOf(event.id, entry));
      }
      done = event.cursor;
      // Saved often enough to keep the lease; what is read again after a crash is added again, which does nothing.
      if (event.kind === 'change' && performance.now() - savedAt < leaseMs / 5) continue;
      if (!(await lease.save(event.cursor))) return;
      savedAt = performance.now();
    }
    // The next one begins exactly where this one ends.
    if (done !== undefined) await lease.save(done);
  } finally {
    closing.removeEventListener('abort', stop);
    await feed.close().catch(() => undefined);
  }
}

/**
 * Keeps the lease for as long as the work takes: a backlog may be longer than a lease, and who loses it on the way never
 * comes to save a cursor. The work is aborted when it is lost, or this process wants to end.
 */
async function whileHeld(
  lease: RelayLease,
  everyMs: number,
  closing: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const done = new AbortController();
  const lost = new AbortController();
  const renewing = (async () => {
    const either = AbortSignal.any([done.signal, closing]);
    for (;;) {
      await abortableDelay(everyMs, either);
      if (either.aborted) return;
      // A database that is away for a moment costs nothing but time; for longer, the lease.
      const held = await lease.renew().catch(() => true);
      if (!held) return lost.abort(new Error('another process relays now'));
    }
  })();
  try {
    await work(AbortSignal.any([lost.signal, closing]));
  } finally {
    done.abort();
    await renewing;
  }
}

/** Entries that this change has added. Without an image of before all of them: to add a job again is safe. */
function newEntries(event: ChangeEvent): readonly OutboxEntry[] {
  const { before, after } = event as ChangeEvent<OrderDocument>;
  // Written past us, an order may have none; the relay would meet it again and again.
  const known = new Set(before?.outbox?.map(({ id }) => id));
  return after?.outbox?.filter(({ id }) => !known.has(id)) ?? [];
}
