import type { Worker } from 'node:cluster';
import type { EventEmitter } from 'node:events';

/** How Node's primary hands a connection to a worker, and how the worker answers, matched by `seq` and `ack`. */
interface ClusterMessage {
  readonly cmd?: string;
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}
type Send = (message: unknown, ...rest: unknown[]) => boolean;

/**
 * Node forgets a connection that it was handing to a worker when that worker dies: the connection stays open in the
 * primary, and its client waits for ever. So it is said on behalf of the dead that it did not accept, and Node hands the
 * connection to another worker; or, where there is none, that it did, and Node closes it. This leans on messages that
 * Node keeps to itself; should they change, nothing happens but what Node does today.
 *
 * @param othersListen whether another worker could take the connection
 */
export function returnConnections(worker: Worker, othersListen: () => boolean): void {
  const { process } = worker;
  const internal: EventEmitter = process;
  const handedOver = new Set<number>();
  const send = process.send.bind(process) as Send;
  process.send = ((message: unknown, ...rest: unknown[]) => {
    const { cmd, act, seq } = (message ?? {}) as ClusterMessage;
    if (cmd === 'NODE_CLUSTER' && act === 'newconn' && seq !== undefined) handedOver.add(seq);
    return send(message, ...rest);
  }) as typeof process.send;
  internal.on('internalMessage', ({ ack }: ClusterMessage) => {
    if (ack !== undefined) handedOver.delete(ack);
  });
  // After the last message that it sent was read, and Node has taken it off its list.
  internal.once('close', () => {
    for (const seq of [...handedOver]) {
      internal.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack: seq, accepted: !othersListen() });
    }
  });
}
