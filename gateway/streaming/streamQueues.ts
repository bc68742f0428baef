import { SharedBodies } from '../../platform/http/sharedBodies.js';

/** A connection to a client, and what it has not taken yet. */
export interface QueuedClient {
  /** Bytes that were handed to the connection and that the network has not taken. */
  readonly waitingBytes: number;
  /** Closes it as one that reads too slowly, and says so where that can be said. */
  closeTooSlow(): void;
  /** Lets go of all that waits for it, at once. */
  cut(): void;
}

export interface StreamQueuesOptions {
  /** What may wait for all clients together. */
  readonly maxBytes: number;
  /** A client was closed to make room. */
  onClose?(): void;
}

/** Bytes in a queue that are in those of others as well. */
interface SharedPiece {
  readonly body: Buffer;
  /** How many bytes of the queue are written when it is. */
  readonly endsAt: number;
}

interface Queue {
  /** Ever put into it, since it last was empty. */
  putBytes: number;
  /** Without what it shares. */
  ownBytes: number;
  sharedBytes: number;
  /** In the order in which they are written. */
  readonly shared: SharedPiece[];
}

/** Shorter bodies are copied for each WebSocket; they count as if they always were. */
export const COPIED_BYTES = 4 * 1024;
/** Part of the room that is made when there is none: whoever looks at all queues must not have to do so again at once. */
const ROOM = 1 / 16;

/**
 * What waits for all clients of streams together. Each of them may be a little slow, and no more than that; of many, that
 * is more than a process has. A result that many wait for is in memory once, and counts once.
 *
 * Only clients for which something waits are kept here, so that a result that the network takes at once costs a look. What
 * the network has taken since is noticed when something else is sent, or when there seems to be no room.
 */
export class StreamQueues {
  readonly #options: StreamQueuesOptions;
  readonly #queues = new Map<QueuedClient, Queue>();
  readonly #shared = new SharedBodies();
  /** What the connections hold that are closed and still have something to send. */
  readonly #leaving = new Map<QueuedClient, number>();
  /** Without what is shared. */
  #ownBytes = 0;
  #leavingBytes = 0;

  constructor(options: StreamQueuesOptions) {
    this.#options = options;
  }

  /** For all who are not leaving, by what was seen of them last. */
  get #bytes(): number {
    return this.#ownBytes + this.#shared.bytes;
  }

  /** All that waits at this moment. */
  measure(): number {
    this.#lookAtAll();
    return this.#bytes + this.#leavingBytes;
  }

  /**
   * To be called after each message. May close clients, this one as well.
   * @param bytes of the message; too many rather than too few
   * @param body that is sent to others as well
   */
  sent(client: QueuedClient, bytes: number, body?: Buffer): void {
    const waiting = client.waitingBytes;
    let queue = this.#queues.get(client);
    if (waiting === 0) {
      if (queue !== undefined) this.#drop(client, queue);
      return;
    }
    const isNew = queue === undefined;
    const before = this.#bytes;
    if (queue === undefined) {
      queue = { putBytes: waiting, ownBytes: 0, sharedBytes: 0, shared: [] };
      this.#queues.set(client, queue);
    } else queue.putBytes += bytes;
    if (body !== undefined && body.length > COPIED_BYTES) {
      queue.shared.push({ body, endsAt: queue.putBytes });
      queue.sharedBytes += body.length;
      this.#shared.hold(body);
    }
    this.#look(queue, waiting);
    // Whoever begins to wait has had no time to read: that counts with the next message to anybody.
    const unread = isNew ? this.#bytes - before : 0;
    if (this.#bytes + this.#leavingBytes - unread > this.#options.maxBytes) {
      this.#makeRoom(unread, isNew ? client : undefined);
    }
  }

  /** The client is sent nothing more, but for what waits. */
  leave(client: QueuedClient): void {
    const queue = this.#queues.get(client);
    if (queue === undefined) return;
    const before = this.#bytes;
    this.#drop(client, queue);
    const freed = before - this.#bytes;
    this.#leaving.set(client, freed);
    this.#leavingBytes += freed;
  }

  /** Nothing waits for the client any more. */
  forget(client: QueuedClient): void {
    const queue = this.#queues.get(client);
    if (queue !== undefined) this.#drop(client, queue);
    this.#leavingBytes -= this.#leaving.get(client) ?? 0;
    this.#leaving.delete(client);
  }

  /** Those who were closed have had their time; then it is up to those for whom most waits, but for the newcomer. */
  #makeRoom(unread: number, newcomer: QueuedClient | undefined): void {
    const enough = this.#options.maxBytes * (1 - ROOM) + unread;
    this.#lookAtAll();
    if (this.#bytes + this.#leavingBytes <= enough) return;
    for (const client of [...this.#leaving.keys()]) {
      client.cut();
      this.forget(client);
    }
    if (this.#bytes <= enough) return;
    const byShare = Array.from(this.#queues, ([client, queue]) => ({ client, share: this.#shareOf(queue) }));
    byShare.sort((one, other) => other.share - one.share);
    for (const { client } of byShare) {
      if (this.#bytes <= enough) break;
      if (client === newcomer) continue;
      this.leave(client);
      this.#options.onClose?.();
      client.closeTooSlow();
    }
  }

  /** The parts of all in what is shared add up to it: nobody is closed for what all the others need as well. */
  #shareOf({ ownBytes, shared }: Queue): number {
    return shared.reduce((sum, { body }) => sum + body.length / this.#shared.holders(body), ownBytes);
  }

  #lookAtAll(): void {
    for (const [client, queue] of this.#queues) {
      const waiting = client.waitingBytes;
      if (waiting === 0) this.#drop(client, queue);
      else this.#look(queue, waiting);
    }
  }

  #look(queue: Queue, waiting: number): void {
    const { shared } = queue;
    const writtenBytes = queue.putBytes - waiting;
    let written = 0;
    for (const { body, endsAt } of shared) {
      if (endsAt > writtenBytes) break;
      written += 1;
      queue.sharedBytes -= body.length;
      this.#shared.release(body);
    }
    if (written > 0) shared.splice(0, written);
    const ownBytes = Math.max(0, waiting - queue.sharedBytes);
    this.#ownBytes += ownBytes - queue.ownBytes;
    queue.ownBytes = ownBytes;
  }

  #drop(client: QueuedClient, queue: Queue): void {
    this.#queues.delete(client);
    this.#ownBytes -= queue.ownBytes;
    for (const { body } of queue.shared) this.#shared.release(body);
  }
}
