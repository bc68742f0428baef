import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export interface JitterProxy extends AsyncDisposable {
  readonly port: number;
}

export interface JitterOptions {
  /** The part of what the server sends that is late, from 0 to 1. */
  readonly lateShare: number;
  /** Late is anything up to this. */
  readonly maxDelayMs: number;
}

/** A network on which some of what a server sends is late, while other connections overtake it. */
export async function startJitterProxy(targetPort: number, options: JitterOptions): Promise<JitterProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    near.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk) => deliver(far, near, chunk, options));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function deliver(far: Socket, near: Socket, chunk: Buffer, { lateShare, maxDelayMs }: JitterOptions): void {
  if (Math.random() >= lateShare) {
    near.write(chunk);
    return;
  }
  // What comes next on this connection waits as well: order is kept.
  far.pause();
  setTimeout(() => {
    near.write(chunk);
    far.resume();
  }, Math.random() * maxDelayMs);
}
