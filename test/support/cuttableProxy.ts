import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CuttableProxy extends AsyncDisposable {
  readonly port: number;
  /** Drops every connection, and each new one until `restore`. */
  cut(): void;
  restore(): void;
  /** Keeps connections open, and lets nothing through until `restore`. @param only those on which this was ever sent */
  freeze(only?: RegExp): void;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** What it began with, to the server. */
  sent: string;
}

const KEPT_CHARACTERS = 10_000;

/** A network between a test and a server on this machine that can fail. @param target its port, or the path of its socket */
export async function startCuttableProxy(target: number | string): Promise<CuttableProxy> {
  const pairs = new Set<Pair>();
  let isCut = false;
  let frozen: RegExp | undefined;

  function freezeWhereAsked({ near, far, sent }: Pair): void {
    if (!frozen?.test(sent)) return;
    near.pause();
    far.pause();
  }

  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = typeof target === 'string' ? connect(target) : connect(target, '127.0.0.1');
    const pair: Pair = { near, far, sent: '' };
    pairs.add(pair);
    near.on('data', (chunk) => {
      if (pair.sent.length < KEPT_CHARACTERS) pair.sent += chunk.toString('latin1');
      freezeWhereAsked(pair);
    });
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
    freezeWhereAsked(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const dropAll = () => {
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      dropAll();
    },
    freeze(only = /^/) {
      frozen = only;
      pairs.forEach(freezeWhereAsked);
    },
    restore() {
      isCut = false;
      frozen = undefined;
      for (const { near, far } of pairs) {
        near.resume();
        far.resume();
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      dropAll();
      await closed;
    },
  };
}
