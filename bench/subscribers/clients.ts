import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export type ClientsCommand =
  /** Opens WebSockets until there are so many, each with one subscription. */
  | { readonly kind: 'grow'; readonly url: string; readonly subscribers: number; readonly topics: number }
  /** Forgets the delays so far. */
  | { readonly kind: 'forget' }
  | { readonly kind: 'report' };

export interface ClientsReport {
  /** From the subgraph to the client, in ms. */
  readonly delays: readonly number[];
  /** Results that were not as expected, and connections that were closed. */
  readonly wrong: number;
  readonly firstWrong: string | undefined;
}

export interface Clients extends AsyncDisposable {
  ask(command: ClientsCommand): Promise<ClientsReport>;
}

export function startClients(): Clients {
  const child = fork(path.join(__dirname, 'clientProcess.js'));
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the clients ended with code ${code}`);
  });
  failed.catch(() => undefined);
  return {
    async ask(command) {
      const answer = once(child, 'message') as Promise<[ClientsReport]>;
      child.send(command);
      const [report] = await Promise.race([answer, failed]);
      return report;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
