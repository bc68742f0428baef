import type { Cluster, Worker } from 'node:cluster';
import type { Logger } from '../../../platform/logger.js';
import type { PurgeNotice } from './purgeNotice.js';
import { UnsharedPurges } from './unsharedPurges.js';
import { asWorkerMessage, type WorkerMessage } from './workerMessages.js';

export interface WorkerPurgeOptions {
  readonly cluster: Pick<Cluster, 'on' | 'off'>;
  /** A worker that has not acknowledged a purge after this long is killed. Longer than a purge of Redis may take. @default 5000 */
  readonly ackDeadlineMs?: number | undefined;
  readonly logger: Logger;
}

export interface WorkerPurge {
  /** Workers that answer requests. */
  readonly members: number;
  /** Workers that were killed because they did not acknowledge. */
  readonly killed: number;
  close(): void;
}

interface Member {
  readonly worker: Worker;
  /** Purges that it has not acknowledged, by id. */
  readonly owed: Map<number, (done: boolean) => void>;
  readonly gone: Promise<void>;
}

/**
 * The primary's side: hands a purge of one worker to all others, and tells the worker once each has acknowledged or is
 * no more. A worker that stays silent could go on serving the old value, so it is killed; whoever made it starts
 * another one. Call it before the first worker is forked.
 */
export function superviseWorkerPurges(options: WorkerPurgeOptions): WorkerPurge {
  const { cluster, ackDeadlineMs = 5_000, logger } = options;
  const members = new Map<number, Member>();
  const unshared = new UnsharedPurges(ackDeadlineMs);
  let lastId = 0;
  let killed = 0;

  async function join(worker: Worker): Promise<void> {
    if (worker.isDead()) return;
    const gone = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        members.delete(worker.id);
        resolve();
      });
    });
    const member: Member = { worker, owed: new Map(), gone };
    members.set(worker.id, member);
    // A worker that cannot be reached any more may still answer on connections that it has.
    worker.once('disconnect', () => void outWithin(worker, gone));
    await Promise.all(unshared.notices.map((notice) => purgeOne(member, notice)));
    send(worker, { headgate: 'joined' });
  }

  async function outWithin(worker: Worker, gone: Promise<void>): Promise<void> {
    const timer = setTimeout(() => kill(worker, 'it closed its channel and went on'), ackDeadlineMs);
    await gone;
    clearTimeout(timer);
  }

  function kill(worker: Worker, reason: string): void {
    if (worker.isDead()) return;
    killed += 1;
    logger.error({ worker: worker.id, pid: worker.process.pid, reason }, 'a worker is killed');
    // No signal that can be handled: a worker that hangs handles nothing.
    worker.process.kill('SIGKILL');
  }

  async function purgeOne(member: Member, notice: PurgeNotice): Promise<void> {
    const { worker, owed, gone } = member;
    lastId += 1;
    const id = lastId;
    const acknowledged = new Promise<void>((resolve) => {
      owed.set(id, (done) => {
        if (done) resolve();
        else kill(worker, 'it could not purge');
      });
    });
    const timer = setTimeout(() => kill(worker, 'it did not acknowledge a purge'), ackDeadlineMs);
    send(worker, { headgate: 'purge', id, notice });
    await Promise.race([acknowledged, gone]);
    clearTimeout(timer);
    owed.delete(id);
  }

  async function purgeOthers(asking: Worker, id: number, notice: PurgeNotice): Promise<void> {
    unshared.note(notice, members.get(asking.id)?.owed.size === 0, performance.now());
    const others = [...members.values()].filter(({ worker }) => worker.id !== asking.id);
    await Promise.all(others.map((member) => purgeOne(member, notice)));
    send(asking, { headgate: 'others-purged', id });
  }

  function onMessage(worker: Worker, raw: unknown): void {
    const message = asWorkerMessage(raw);
    if (message?.headgate === 'join') void join(worker);
    if (message?.headgate === 'purge-others') void purgeOthers(worker, message.id, message.notice);
    if (message?.headgate === 'purged') members.get(worker.id)?.owed.get(message.id)?.(message.done);
  }

  cluster.on('message', onMessage);
  return {
    get members() {
      return members.size;
    },
    get killed() {
      return killed;
    },
    close: () => void cluster.off('message', onMessage),
  };
}

/** A channel that is closed already is no news: whoever is at its end is on the way out. */
function send(worker: Worker, message: WorkerMessage): void {
  if (worker.isConnected()) worker.send(message, () => undefined);
}
