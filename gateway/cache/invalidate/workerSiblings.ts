import type { Siblings } from './invalidator.js';
import type { PurgeNotice } from './purgeNotice.js';
import { asWorkerMessage, type WorkerMessage } from './workerMessages.js';

/** The worker's end of the channel to the primary: `process`, in a worker. */
export interface WorkerChannel {
  send?(message: WorkerMessage, callback: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

export interface WorkerSiblings extends Siblings {
  /**
   * Joins the purges of this gateway, and resolves when the primary knows: from then on nothing is missed. To be
   * awaited before the first request is answered.
   *
   * @param receive purges what this process holds; when it rejects, this process is killed
   */
  join(receive: (notice: PurgeNotice) => Promise<void>): Promise<void>;
  close(): void;
}

/** The worker's side of `superviseWorkerPurges`. */
export function createWorkerSiblings(channel: WorkerChannel): WorkerSiblings {
  const asked = new Map<number, () => void>();
  let lastId = 0;
  let receive: (notice: PurgeNotice) => Promise<void> = async () => undefined;
  let onJoined = (): void => undefined;

  /** Without a channel there is no primary, and a worker without a primary ends. */
  function send(message: WorkerMessage): void {
    channel.send?.(message, () => undefined);
  }

  async function purge(id: number, notice: PurgeNotice): Promise<void> {
    const done = await receive(notice).then(
      () => true,
      () => false,
    );
    send({ headgate: 'purged', id, done });
  }

  function onMessage(raw: unknown): void {
    const message = asWorkerMessage(raw);
    if (message?.headgate === 'joined') onJoined();
    if (message?.headgate === 'purge') void purge(message.id, message.notice);
    if (message?.headgate === 'others-purged') {
      asked.get(message.id)?.();
      asked.delete(message.id);
    }
  }
  channel.on('message', onMessage);

  return {
    join(receiver) {
      receive = receiver;
      return new Promise((resolve) => {
        onJoined = resolve;
        send({ headgate: 'join' });
      });
    },
    purge(notice) {
      return new Promise((resolve) => {
        lastId += 1;
        asked.set(lastId, resolve);
        send({ headgate: 'purge-others', id: lastId, notice });
      });
    },
    close: () => void channel.off('message', onMessage),
  };
}
