import { once } from 'node:events';
import { request } from 'node:http';
import { CLOSE_CODES } from '../../../gateway/streaming/closeCodes.js';
import { startGatewayTester } from '../../support/gatewayTester.js';
import { openGreetedSocket } from '../../support/rawSocket.js';
import { createRoomGraph } from '../../support/roomGraph.js';
import { until } from '../../support/until.js';

/** A subscriber that stops reading when it is told to. */
interface Reader {
  readonly hasBegun: () => boolean;
  stall(): void;
  /** Reads on. Resolves with how it ended. */
  end(): Promise<unknown>;
}
type Subscribe = (url: string, query: string) => Promise<Reader>;

async function subscribeOnSocket(url: string, query: string) {
  const raw = await openGreetedSocket(url);
  raw.send({ id: '1', type: 'subscribe', payload: { query } });
  return raw;
}

const overWebSocket: Subscribe = async (url, query) => {
  const { socket, messages, closed } = await subscribeOnSocket(url, query);
  return {
    hasBegun: () => messages.some(({ type }) => type === 'next'),
    stall: () => socket.pause(),
    async end() {
      socket.resume();
      return (await closed).code;
    },
  };
};

const overHttp =
  (accept: string): Subscribe =>
  async (url, query) => {
    const headers = { 'content-type': 'application/json', accept };
    const asked = request(url, { method: 'POST', headers, agent: false });
    asked.end(JSON.stringify({ query }));
    const [response] = await once(asked, 'response');
    response.on('error', () => undefined);
    let text = '';
    response.on('data', (chunk: Buffer) => {
      text += chunk.subarray(0, 1_000).toString();
    });
    return {
      hasBegun: () => text.includes('roomChanged'),
      stall: () => response.pause(),
      async end() {
        const closed = new Promise((resolve) => response.once('close', resolve));
        response.resume();
        await closed;
        return response.complete ? 'complete' : 'cut';
      },
    };
  };

const CHANGES = 'subscription { roomChanged { id } }';
const MB = 1024 * 1024;
/** Megabytes go through, on machines that may be busy. */
const WAIT_MS = 60_000;

describe('when too much waits for all clients of streams together', () => {
  it.each<[string, Subscribe, readonly unknown[]]>([
    // One that does not read may be cut before it has read why.
    ['a WebSocket', overWebSocket, [CLOSE_CODES.tooSlow.code, 1006]],
    ['server-sent events', overHttp('text/event-stream'), ['cut']],
    ['multipart', overHttp('multipart/mixed;subscriptionSpec=1.0'), ['cut']],
  ])(
    'one that does not read %s is closed, and nobody else',
    async (_transport, subscribe, ends) => {
      const rooms = createRoomGraph();
      const config = { streaming: { maxQueueBytes: 100 * MB, maxTotalQueueBytes: 2 * MB } };
      await using gateway = await startGatewayTester({ subgraphs: rooms.subgraphs, config });
      const value = async (name: string, outcome?: string) => {
        const samples = await gateway.samples(name);
        return samples.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
      };
      const waiting = () => value('headgate_stream_queued_bytes');
      const other = await subscribeOnSocket(gateway.url, CHANGES);
      await until('there are events', () => rooms.changes.listeners === 1);
      /** Resolves when the other one has it. */
      const publish = async (id: string) => {
        const { length } = other.messages;
        rooms.changes.publish({ id, temperature: 1 });
        await until('the other one has it', () => other.messages.length > length, WAIT_MS);
      };
      const reader = await subscribe(gateway.url, CHANGES);
      await until(
        'both are subscribed',
        async () => {
          await publish('first');
          return reader.hasBegun();
        },
        WAIT_MS,
      );
      reader.stall();
      const large = 'x'.repeat(MB / 2);
      let most = 0;
      const makeRoom = async () => {
        await publish(large);
        most = Math.max(most, await waiting());
        return (await value('headgate_stream_closed_for_room_total')) === 1;
      };
      await until('room was made', makeRoom, WAIT_MS);
      expect(most).toBeGreaterThan(MB);
      expect(most).toBeLessThan(4 * MB);
      expect(ends).toContain(await reader.end());
      await until('nothing waits', async () => (await waiting()) === 0);
      expect(await value('headgate_stream_closed_total', 'tooSlow')).toBe(1);
      expect(other.socket.readyState).toBe(other.socket.OPEN);
      other.socket.close();
    },
    180_000,
  );
});
