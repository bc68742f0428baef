import { type QueuedClient, StreamQueues } from './streamQueues.js';

const KB = 1024;

/** Takes from its queue when it is told to; one that is closed keeps what waits until it is cut. */
class TestClient implements QueuedClient {
  waitingBytes = 0;
  state: 'open' | 'tooSlow' | 'cut' = 'open';
  readonly #queues: StreamQueues;

  constructor(queues: StreamQueues) {
    this.#queues = queues;
  }

  /** @param taken how much of it the network takes at once */
  send(bytes: number, body?: Buffer, taken = 0): void {
    if (this.state !== 'open') return;
    this.waitingBytes += bytes - taken;
    this.#queues.sent(this, bytes, body);
  }

  sendShared(body: Buffer): void {
    this.send(body.length, body);
  }

  closeTooSlow(): void {
    this.state = 'tooSlow';
    this.#queues.leave(this);
  }

  cut(): void {
    this.state = 'cut';
    this.waitingBytes = 0;
    this.#queues.forget(this);
  }
}

function open(maxBytes: number, count: number) {
  let closed = 0;
  const queues = new StreamQueues({
    maxBytes,
    onClose() {
      closed += 1;
    },
  });
  const clients = Array.from({ length: count }, () => new TestClient(queues));
  return { queues, clients: clients as [TestClient, TestClient, ...TestClient[]], closed: () => closed };
}
const states = (clients: readonly TestClient[]) => clients.map(({ state }) => state);

describe('what waits for all clients of streams', () => {
  it('is what the network has not taken yet', () => {
    const { queues, clients } = open(1_000 * KB, 2);
    const [one, other] = clients;
    one.send(10 * KB, undefined, 10 * KB);
    expect(queues.measure()).toBe(0);
    one.send(10 * KB, undefined, 4 * KB);
    other.send(3 * KB);
    expect(queues.measure()).toBe(9 * KB);
    one.waitingBytes = 1 * KB;
    expect(queues.measure()).toBe(4 * KB);
    queues.forget(one);
    other.waitingBytes = 0;
    expect(queues.measure()).toBe(0);
  });

  it('counts once what many wait for, until the last of them has it', () => {
    const { queues, clients } = open(1_000 * KB, 3);
    const body = Buffer.alloc(100 * KB);
    for (const client of clients) client.sendShared(body);
    expect(queues.measure()).toBe(100 * KB);
    const [one, other, last] = clients as unknown as [TestClient, TestClient, TestClient];
    // Behind it in the queue of one alone.
    one.send(5 * KB);
    expect(queues.measure()).toBe(105 * KB);
    // It was first in that queue, and is written.
    one.waitingBytes = 5 * KB;
    expect(queues.measure()).toBe(105 * KB);
    other.waitingBytes = 0;
    queues.forget(last);
    expect(queues.measure()).toBe(5 * KB);
  });

  it('counts each copy of what is too short to be shared', () => {
    const { queues, clients } = open(1_000 * KB, 3);
    const body = Buffer.alloc(4 * KB);
    for (const client of clients) client.sendShared(body);
    expect(queues.measure()).toBe(12 * KB);
  });

  it('is bounded: those for whom most waits are closed until there is room, and nobody else', () => {
    const { clients, closed } = open(160 * KB, 4);
    const sizes = [30, 60, 20, 50].map((size) => size * KB);
    for (const [index, client] of clients.entries()) client.send(sizes[index] ?? 0);
    // Exactly as much as may wait.
    expect([states(clients), closed()]).toEqual([['open', 'open', 'open', 'open'], 0]);
    clients[0].send(1);
    expect([states(clients), closed()]).toEqual([['open', 'tooSlow', 'open', 'open'], 1]);
  });

  it('is looked at whole but seldom: whoever has to make room makes a sixteenth of it', () => {
    const { clients } = open(160 * KB, 20);
    for (const client of clients) client.send(8 * KB);
    clients[0].send(1);
    expect(states(clients).filter((state) => state !== 'open')).toEqual(['tooSlow', 'tooSlow']);
  });

  it('closes nobody for one message that is too large, before there was time to read it', () => {
    const { clients, closed } = open(160 * KB, 3);
    const [small, large, last] = clients as unknown as [TestClient, TestClient, TestClient];
    small.send(50 * KB);
    large.send(170 * KB);
    expect([states(clients), closed()]).toEqual([['open', 'open', 'open'], 0]);
    last.send(1 * KB);
    expect([states(clients), closed()]).toEqual([['open', 'tooSlow', 'open'], 1]);
  });

  it('is bounded as well while each is sent no more than one message', () => {
    const { queues, clients } = open(160 * KB, 100);
    for (const [index, client] of clients.entries()) {
      // More than for anybody before.
      client.send(10 * KB + index);
      expect(queues.measure()).toBeLessThanOrEqual(181 * KB);
      expect(client.state).toBe('open');
    }
  });

  it('closes nobody for what is read by now', () => {
    const { queues, clients, closed } = open(160 * KB, 2);
    const [one, other] = clients;
    one.send(100 * KB);
    other.send(60 * KB);
    one.waitingBytes = 10 * KB;
    other.send(1 * KB);
    expect([states(clients), closed(), queues.measure()]).toEqual([['open', 'open'], 0, 71 * KB]);
  });

  it('closes nobody for what all the others wait for as well', () => {
    const { clients } = open(160 * KB, 11);
    const body = Buffer.alloc(130 * KB);
    const [alone, ...together] = clients;
    for (const client of together) client.sendShared(body);
    alone.send(20 * KB);
    alone.send(11 * KB);
    expect(states(clients)).toEqual(['tooSlow', ...together.map(() => 'open')]);
  });

  it('keeps those who are closed for as long as there is room, so that they can be told why, and no longer', () => {
    const { queues, clients } = open(160 * KB, 3);
    const [large, small, last] = clients as unknown as [TestClient, TestClient, TestClient];
    large.send(100 * KB);
    small.send(50 * KB);
    last.send(10 * KB);
    last.send(1 * KB);
    expect(states(clients)).toEqual(['tooSlow', 'open', 'open']);
    // It still takes its memory.
    expect(queues.measure()).toBe(161 * KB);
    last.send(1 * KB);
    expect(states(clients)).toEqual(['cut', 'open', 'open']);
    expect(queues.measure()).toBe(62 * KB);
  });

  it('is nothing once all are gone, whatever became of them', () => {
    const { queues, clients } = open(160 * KB, 8);
    for (let round = 0; round < 50; round++) {
      const body = Buffer.alloc(((round % 3) + 1) * 10 * KB);
      for (const [index, client] of clients.entries()) {
        client.sendShared(body);
        client.send(index * 100);
        if ((round + index) % 4 === 0) client.waitingBytes = Math.floor(client.waitingBytes / 2);
        if (index === 7) client.waitingBytes = 0;
        expect(queues.measure()).toBeLessThanOrEqual(160 * KB + 2 * 30 * KB);
      }
    }
    expect(states(clients)).toContain('cut');
    expect(states(clients)).toContain('open');
    for (const client of clients) queues.forget(client);
    expect(queues.measure()).toBe(0);
  });
});
