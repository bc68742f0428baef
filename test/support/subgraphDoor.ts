import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'undici';
import { listen } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import { silentLogger } from '../../platform/logger.js';
import { held } from './held.js';

/** A request of a gateway to a subgraph. */
export interface Knock {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly isMutation: boolean;
  readonly headers: IncomingMessage['headers'];
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** `lose` drops the connection after the subgraph has answered, `refuse` before it is asked. */
export type Fault = 'lose' | 'refuse';

export interface HeldKnock {
  /** Resolves once the subgraph has answered, and its answer waits here. */
  readonly answered: Promise<void>;
  release(): void;
}

/** What stands between the gateways and one subgraph: counts, holds answers back, and loses them. */
export interface SubgraphDoor extends AsyncDisposable {
  /** Of the subgraph's graph, for gateways. */
  readonly url: string;
  /** All that came, oldest first. */
  readonly knocks: readonly Knock[];
  /** Of what comes next and fits, the answer is held back; by default of the next query. */
  hold(fits?: (knock: Knock) => boolean): HeldKnock;
  /** Decides about all that comes from now on. */
  fault: (knock: Knock) => Fault | undefined;
}

const DROPPED = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host']);

export async function startSubgraphDoor(target: string): Promise<SubgraphDoor> {
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const knocks: Knock[] = [];
  const holds = new Set<{
    fits(knock: Knock): boolean;
    hold(): Promise<void>;
    release(): void;
  }>();
  const door = { fault: (_knock: Knock): Fault | undefined => undefined };

  async function forward(knock: Knock, body: Buffer): Promise<Answer> {
    const headers = Object.fromEntries(Object.entries(knock.headers).filter(([name]) => !DROPPED.has(name)));
    const answer = await request(target, { method: 'POST', headers, body, dispatcher: agent });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: Buffer.from(await answer.body.arrayBuffer()),
    };
  }

  const server = await listen({
    port: 0,
    logger: silentLogger(),
    drainTimeoutMs: 100,
    async handler(incoming, response) {
      const body = await readBody(incoming, 10_000_000);
      const { query, variables = {} } = JSON.parse(body.toString()) as Pick<Knock, 'query' | 'variables'>;
      const isMutation = query.startsWith('mutation');
      const knock: Knock = { query, variables, isMutation, headers: incoming.headers };
      knocks.push(knock);
      const fault = door.fault(knock);
      if (fault === 'refuse') return void incoming.socket.destroy();
      const hold = [...holds].find(({ fits }) => fits(knock));
      if (hold) holds.delete(hold);
      const answer = await forward(knock, body);
      await hold?.hold();
      if (fault === 'lose' || response.destroyed) return void incoming.socket.destroy();
      for (const [name, value] of Object.entries(answer.headers)) {
        if (value !== undefined && !DROPPED.has(name)) response.setHeader(name, value);
      }
      response.statusCode = answer.status;
      response.end(answer.body);
    },
  });

  return Object.assign(door, {
    url: `${server.url}/graphql`,
    knocks,
    hold(fits: (knock: Knock) => boolean = ({ isMutation }) => !isMutation) {
      const [answered, released] = [held(), held()];
      holds.add({
        fits,
        async hold() {
          answered.release();
          await released.promise;
        },
        release: released.release,
      });
      return { answered: answered.promise, release: () => released.release() };
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await agent.close();
    },
  });
}
