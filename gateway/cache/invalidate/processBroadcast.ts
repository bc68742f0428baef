import type { Broadcast, BroadcastListener } from './broadcast.js';
import { formatPurgeNotice, parsePurgeNotice } from './purgeNotice.js';

/** What gateways of one process publish on: pass the same one to each. */
export class ProcessChannel {
  readonly #receivers = new Set<(text: string) => void>();

  send(text: string): void {
    for (const receive of [...this.#receivers]) queueMicrotask(() => receive(text));
  }

  join(receive: (text: string) => void): () => void {
    this.#receivers.add(receive);
    return () => this.#receivers.delete(receive);
  }
}

/** Between gateways in one process. With a channel of its own, a gateway is alone. */
export function createProcessBroadcast(origin: string, channel = new ProcessChannel()): Broadcast {
  const listeners = new Set<BroadcastListener>();
  const counts = { sent: 0, unsent: 0, received: 0, malformed: 0 };
  let closed = false;
  const leave = channel.join((text) => {
    if (closed) return;
    const notice = parsePurgeNotice(text);
    if (notice === undefined) {
      counts.malformed += 1;
    } else if (notice.origin !== origin) {
      counts.received += 1;
      for (const listener of listeners) listener.onNotice(notice);
    }
  });
  return {
    counts,
    async publish(notice) {
      if (closed) {
        counts.unsent += 1;
        return;
      }
      channel.send(formatPurgeNotice(notice));
      counts.sent += 1;
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      leave();
    },
  };
}
