import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import {
  compileHeadgate,
  type HeadgateProcess,
  type HeadgateProgram,
} from '../../support/headgateProgram.js';
import { startNginx } from '../../support/nginx.js';
import { describeReal } from '../../support/realParts.js';
import { shippedNginx } from '../../support/shippedNginx.js';
import { startTestSubgraph, type TestSubgraph } from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';

interface Answer {
  readonly status: number;
  readonly body: string;
}

describeReal('nginx', 'the shipped NGINX before three gateways', () => {
  let program: HeadgateProgram;
  let subgraph: TestSubgraph;
  let supergraphSdl: string;
  beforeAll(async () => {
    program = await compileHeadgate();
    subgraph = await startTestSubgraph({
      name: 'echo',
      typeDefs: 'type Query { echo(text: String): String } type Mutation { say(text: String): String }',
      resolvers: {
        Query: { echo: (_: unknown, { text }: { text: string }) => text },
        Mutation: { say: (_: unknown, { text }: { text: string }) => text },
      },
    });
    supergraphSdl = composeSupergraph([subgraph]).supergraphSdl;
  });

  async function start() {
    const files = {
      'graph.graphql': supergraphSdl,
      'headgate.yaml': 'gateway: { supergraph: graph.graphql, port: 0, idleGraceMs: 2000 }',
    };
    const gateways: HeadgateProcess[] = await Promise.all(
      [0, 1, 2].map(() => program.start(['gateway'], { files })),
    );
    const urls = await Promise.all(gateways.map((one) => one.says(/"url":"http:\/\/([^/"]+)/)));
    const nginx = await startNginx((place) =>
      shippedNginx(
        urls.map(([, host = '']) => host),
        place,
      ),
    );
    const agent = new Agent({ keepAlive: true });
    const origin = `http://127.0.0.1:${nginx.port}`;
    const send = (method: string, path: string, body?: string) =>
      new Promise<Answer>((resolve) => {
        const headers = { 'content-type': 'application/json', 'apollo-require-preflight': '1' };
        const sent = request(`${origin}${path}`, { method, agent, headers }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
          response.on('error', (error) => resolve({ status: 0, body: error.message }));
        });
        sent.on('error', (error) => resolve({ status: 0, body: error.message }));
        sent.end(body);
      });
    let number = 0;
    return {
      gateways: gateways as [HeadgateProcess, HeadgateProcess, HeadgateProcess],
      origin,
      get() {
        number += 1;
        return send('GET', `/graphql?query=${encodeURIComponent(`{ echo(text: "${number}") }`)}`);
      },
      post() {
        number += 1;
        return send('POST', '/graphql', JSON.stringify({ query: `mutation { say(text: "${number}") }` }));
      },
      async [Symbol.asyncDispose]() {
        agent.destroy();
        await nginx[Symbol.asyncDispose]();
        await Promise.all(gateways.map((gateway) => gateway[Symbol.asyncDispose]()));
      },
    };
  }

  /** Asks on several connections until it is stopped, and keeps what was no success. */
  function loadWith(ask: () => Promise<Answer>) {
    const failures: Answer[] = [];
    let answered = 0;
    let going = true;
    const clients = Array.from({ length: 8 }, async () => {
      while (going) {
        const answer = await ask();
        answered += 1;
        if (answer.status !== 200 || !answer.body.includes('"data"')) failures.push(answer);
      }
    });
    return {
      failures,
      async more(count: number) {
        const wanted = answered + count;
        await until(`${count} more answers`, () => answered >= wanted);
      },
      async stop() {
        going = false;
        await Promise.all(clients);
      },
    };
  }

  // One for all, since three gateways take a while to start: each test that takes a gateway away leaves the others.
  let stage: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    stage = await start();
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
    await subgraph?.close();
    await program?.[Symbol.asyncDispose]();
  });

  it('passes WebSockets and events on', async () => {
    const socket = new WebSocket(`${stage.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const acknowledged = once(socket, 'message');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    expect(JSON.parse(String((await acknowledged)[0]))).toMatchObject({ type: 'connection_ack' });
    socket.terminate();
    const events = await fetch(`${stage.origin}/graphql`, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ echo(text: "event") }' }),
    });
    expect(events.headers.get('content-type')).toContain('text/event-stream');
    // The gateway's own word, event by event: queries are not streamed.
    expect(await events.text()).toMatch(/event: next\n[\s\S]*event: complete/);
  });

  it('lets no GET fail when a gateway is killed under load', async () => {
    const load = loadWith(stage.get);
    await load.more(100);
    stage.gateways[0].signal('SIGKILL');
    await stage.gateways[0].exited;
    await load.more(300);
    await load.stop();
    expect(load.failures).toEqual([]);
    // A mutation that was under way could fail; the next one does not.
    expect(await stage.post()).toMatchObject({ status: 200 });
  });

  it('lets nothing fail when a gateway is told to go under load, mutations neither', async () => {
    const reads = loadWith(stage.get);
    const writes = loadWith(stage.post);
    await Promise.all([reads.more(50), writes.more(50)]);
    stage.gateways[1].signal('SIGTERM');
    const exit = await stage.gateways[1].exited;
    await Promise.all([reads.more(50), writes.more(50)]);
    await Promise.all([reads.stop(), writes.stop()]);
    expect({ exit, reads: reads.failures, writes: writes.failures }).toEqual({
      exit: { code: 0, signal: null },
      reads: [],
      writes: [],
    });
  });
});
