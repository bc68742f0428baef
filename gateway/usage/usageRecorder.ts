import { createMarkOperations } from './markOperations.js';
import type { UsageClient, UsageMark } from './usageMark.js';
import type { UsageTicket } from './usageTicket.js';

export interface UsageRecorder {
  /** Counts one use. Costs next to nothing: what has to be looked at is looked at later. */
  count(ticket: UsageTicket, client: UsageClient, failed: boolean): void;
  /** What was counted since the last time, and how much more there was. */
  take(): TakenUsage;
}

export interface TakenUsage {
  readonly entries: readonly UsageEntry[];
  /** Uses that were not counted, for want of room or because nothing could be told of them. */
  readonly dropped: number;
}

export interface UsageEntry {
  readonly mark: UsageMark;
  readonly client: UsageClient;
  readonly count: number;
  readonly errors: number;
}

export interface UsageRecorderOptions {
  /** Entries of one report, all operations and clients together. @default 10000 */
  readonly maxEntries?: number;
  /** Uses that wait to be looked at. @default 10000 */
  readonly maxPending?: number;
  /** Bytes that those hold on to. @default 16 MiB */
  readonly maxPendingBytes?: number;
  readonly onDropped?: (uses: number) => void;
  /** Calls back when those who wait for an answer have had their turn. */
  readonly later?: (callback: () => void) => void;
}

/** How long uses are looked at before others have their turn again. */
const SLICE_MS = 2;

export function createUsageRecorder(options: UsageRecorderOptions = {}): UsageRecorder {
  const { maxEntries = 10_000, maxPending = 10_000, maxPendingBytes = 16 * 1024 * 1024 } = options;
  const { later = (callback) => void setTimeout(callback, 1).unref() } = options;
  const markOf = createMarkOperations();
  const queue: UsageTicket[] = [];
  const active = new Set<UsageMark>();
  let entries = 0;
  let pending = 0;
  let pendingBytes = 0;
  let dropped = 0;
  let isWorking = false;

  function drop(uses: number): void {
    dropped += uses;
    options.onDropped?.(uses);
  }

  function add(mark: UsageMark, client: UsageClient, failed: boolean): void {
    const key = `${client.name}\n${client.version}`;
    let counted = mark.counts.get(key);
    if (counted === undefined) {
      if (entries >= maxEntries) {
        drop(1);
        return;
      }
      entries += 1;
      counted = { client, count: 0, errors: 0 };
      mark.counts.set(key, counted);
      active.add(mark);
    }
    counted.count += 1;
    if (failed) counted.errors += 1;
  }

  function look(ticket: UsageTicket): void {
    const { source } = ticket;
    ticket.source = undefined;
    try {
      const used = source?.();
      ticket.mark = (used && markOf(used)) ?? null;
    } catch {
      // Statistics: whatever is wrong with an operation, its sender has been told.
      ticket.mark = null;
    }
    const uses = ticket.pending.splice(0);
    pending -= uses.length;
    pendingBytes -= ticket.bytes;
    if (ticket.mark === null) drop(uses.length);
    else for (const { client, failed } of uses) add(ticket.mark, client, failed);
  }

  function work(): void {
    const end = performance.now() + SLICE_MS;
    let ticket = queue.shift();
    while (ticket !== undefined) {
      look(ticket);
      ticket = performance.now() < end ? queue.shift() : undefined;
    }
    isWorking = queue.length > 0;
    if (isWorking) later(work);
  }

  return {
    count(ticket, client, failed) {
      if (ticket.mark) return add(ticket.mark, client, failed);
      const isWaiting = ticket.pending.length > 0;
      const hasRoom = pending < maxPending && (isWaiting || pendingBytes + ticket.bytes <= maxPendingBytes);
      if (ticket.mark === null || !hasRoom) return drop(1);
      if (!isWaiting) {
        queue.push(ticket);
        pendingBytes += ticket.bytes;
      }
      ticket.pending.push({ client, failed });
      pending += 1;
      if (isWorking) return;
      isWorking = true;
      later(work);
    },
    take() {
      const taken: UsageEntry[] = [];
      for (const mark of active) {
        for (const counted of mark.counts.values()) taken.push({ mark, ...counted });
        mark.counts.clear();
      }
      active.clear();
      entries = 0;
      const missed = dropped;
      dropped = 0;
      return { entries: taken, dropped: missed };
    },
  };
}
