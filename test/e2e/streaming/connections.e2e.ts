import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { CLOSE_CODES, type CloseReason } from '../../../gateway/streaming/closeCodes.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { openGreetedSocket, openRawSocket } from '../../support/rawSocket.js';
import { createRoomGraph, ROOM_CHANGES, type RoomGraph } from '../../support/roomGraph.js';
import { until } from '../../support/until.js';

/** It can be read, but not be written: that would take more stack than there is. */
const DEEP_PING = `{"type":"ping","payload":{"deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`;

describe('a WebSocket', () => {
  let graph: RoomGraph;
  let tester: GatewayTester;
  beforeAll(async () => {
    graph = createRoomGraph();
    tester = await startGatewayTester({
      subgraphs: graph.subgraphs,
      config: {
        propagateHeaders: ['cookie', 'x-tenant'],
        streaming: {
          initTimeoutMs: 2_000,
          maxOperationsPerConnection: 2,
          maxQueueBytes: 64 * 1024,
          maxConnections: 20,
        },
      },
    });
  });
  afterAll(() => tester[Symbol.asyncDispose]());
  const codeOf = (reason: CloseReason) => expect.objectContaining({ code: CLOSE_CODES[reason].code });
  const subscribe = (id: string, query = ROOM_CHANGES) => ({ id, type: 'subscribe', payload: { query } });

  it.each<[string, CloseReason, readonly unknown[]]>([
    ['sends what is no JSON', 'badRequest', ['{']],
    ['sends what the protocol does not know', 'badRequest', [{ type: 'hello' }]],
    ['subscribes before it is acknowledged', 'unauthorized', [subscribe('1')]],
    ['greets twice', 'tooManyInits', [{ type: 'connection_init' }, { type: 'connection_init' }]],
    ['never greets', 'initTimeout', []],
    ['wants back what is nested too deeply to be written', 'badRequest', [DEEP_PING]],
  ])('that %s is closed with its code: %s', async (_what, reason, messages) => {
    const raw = await openRawSocket(tester.url);
    for (const message of messages) raw.send(message);
    expect(await raw.closed).toEqual(codeOf(reason));
  });

  it('is closed when it announces a message that is larger than a body may be, before that has come', async () => {
    const raw = await openRawSocket(tester.url);
    const announced = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0]);
    (raw.socket as unknown as { _socket: Socket })._socket.write(announced);
    expect(await raw.closed).toEqual(expect.objectContaining({ code: 1009 }));
  });

  it('is closed when it brings one message in a great many pieces, which take far more memory than it has', async () => {
    const raw = await openRawSocket(tester.url);
    for (let count = 0; count < 300; count++) raw.socket.send(' ', { fin: false });
    expect(await raw.closed).toEqual(expect.objectContaining({ code: 1008 }));
  });

  it('is closed when it uses the id of an operation that is under way', async () => {
    const raw = await openGreetedSocket(tester.url);
    raw.send(subscribe('1'));
    raw.send(subscribe('1'));
    expect(await raw.closed).toEqual(codeOf('operationExists'));
    await until('nobody is subscribed', () => graph.changes.listeners === 0);
  });

  it('is told of an operation that is refused, and goes on', async () => {
    const raw = await openGreetedSocket(tester.url);
    raw.send(subscribe('1', 'subscription { unknown }'));
    await raw.untilCame('error');
    expect(raw.messages.at(-1)).toMatchObject({
      id: '1',
      payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    raw.send({ type: 'ping', payload: { still: 'here' } });
    await raw.untilCame('pong');
    expect(raw.messages.at(-1)).toEqual({ type: 'pong', payload: { still: 'here' } });
    raw.socket.close();
  });

  it('has no more operations at the same time than it may, and another one after one has ended', async () => {
    const raw = await openGreetedSocket(tester.url);
    for (const id of ['1', '2', '3']) raw.send(subscribe(id));
    await raw.untilCame('error');
    expect(raw.messages.at(-1)).toMatchObject({
      id: '3',
      payload: [{ extensions: { code: 'STREAM_LIMIT_REACHED' } }],
    });
    await until('the others are subscribed', () => graph.changes.listeners === 1);
    raw.send({ id: '1', type: 'complete' });
    raw.send(subscribe('4'));
    raw.send({ type: 'ping' });
    await raw.untilCame('pong');
    expect(raw.messages.filter(({ type }) => type === 'error')).toHaveLength(1);
    raw.socket.terminate();
    await until('nobody is subscribed', () => graph.changes.listeners === 0);
  });

  it('that reads too slowly is closed, and nobody else waits for it', async () => {
    const slow = await openGreetedSocket(tester.url);
    const quick = await openGreetedSocket(tester.url);
    slow.send(subscribe('1', 'subscription { roomChanged { id } }'));
    quick.send(subscribe('1', 'subscription { roomChanged { id } }'));
    await until('there are events', () => graph.changes.listeners === 1);
    await until('both are subscribed', async () => {
      graph.changes.publish({ id: 'first', temperature: 1 });
      return [slow, quick].every(({ messages }) => messages.some(({ type }) => type === 'next'));
    });
    slow.socket.pause();
    const large = 'x'.repeat(256 * 1024);
    let published = 0;
    await until('the slow one has fallen behind', async () => {
      published += 1;
      graph.changes.publish({ id: `${published}${large}`, temperature: 1 });
      await until('the quick one has it', () =>
        JSON.stringify(quick.messages.at(-1)).includes(`"${published}xxx`),
      );
      return published === 60;
    });
    slow.socket.resume();
    const { code } = await slow.closed;
    // One that does not read may be cut before it has read why.
    expect([CLOSE_CODES.tooSlow.code, 1006]).toContain(code);
    expect(quick.socket.readyState).toBe(quick.socket.OPEN);
    quick.socket.close();
  });

  it('that sends pings and reads no pong is closed as any that reads too slowly', async () => {
    const tooSlow = async () => {
      const closed = await tester.samples('headgate_stream_closed_total');
      return closed.find(({ labels }) => labels['outcome'] === 'tooSlow')?.value ?? 0;
    };
    const before = await tooSlow();
    const raw = await openGreetedSocket(tester.url);
    raw.socket.pause();
    const wire = (raw.socket as unknown as { _socket: Socket })._socket.on('error', () => undefined);
    const ping = Buffer.concat([Buffer.from([0x89, 0x80 + 125, 0, 0, 0, 0]), Buffer.alloc(125, 'x')]);
    const pings = Buffer.concat(Array.from({ length: 8_000 }, () => ping));
    // Far more than the network holds.
    for (let sent = 0; sent < 24; sent++) await new Promise((resolve) => wire.write(pings, resolve));
    await until('it is closed', async () => (await tooSlow()) === before + 1);
    raw.socket.terminate();
  });

  it('that does not answer any more is cut', async () => {
    const rooms = createRoomGraph();
    const config = { streaming: { heartbeatMs: 100 } };
    await using impatient = await startGatewayTester({ subgraphs: rooms.subgraphs, config });
    const raw = await openGreetedSocket(impatient.url);
    raw.send(subscribe('1'));
    await until('it is subscribed', () => rooms.changes.listeners === 1);
    raw.socket.pause();
    await until('nobody is subscribed', () => rooms.changes.listeners === 0);
    raw.socket.terminate();
  });

  it('is closed when its client does not speak the protocol', async () => {
    const raw = await openRawSocket(tester.url, { protocols: [] });
    expect(await raw.closed).toEqual(codeOf('wrongSubprotocol'));
  });

  it('from a page of another host is refused where cookies are sent on', async () => {
    const foreign = openRawSocket(tester.url, { headers: { origin: 'https://evil.test' } });
    await expect(foreign).rejects.toThrow('403');
    const own = await openGreetedSocket(tester.url, undefined, {
      headers: { origin: new URL(tester.url).origin },
    });
    own.socket.close();
  });

  it('is refused at another path, and beyond the limit of the process', async () => {
    await expect(openRawSocket(tester.url.replace('/graphql', '/else'))).rejects.toThrow('404');
    await until('those of other tests are gone', async () => {
      const open = await tester.samples('headgate_stream_connections');
      return open.every(({ value }) => value === 0);
    });
    const all = await Promise.all(Array.from({ length: 20 }, () => openGreetedSocket(tester.url)));
    const refused = async () => {
      const errors = await tester.samples('headgate_errors_total');
      return errors.find(({ labels }) => labels['code'] === 'STREAM_LIMIT_REACHED')?.value ?? 0;
    };
    const before = await refused();
    await expect(openRawSocket(tester.url)).rejects.toThrow('503');
    expect((await refused()) - before).toBe(1);
    for (const { socket } of all) socket.terminate();
    await until('there is room again', async () => {
      const raw = await openRawSocket(tester.url).catch(() => undefined);
      raw?.socket.terminate();
      return raw !== undefined;
    });
  });

  it('that is refused keeps the gateway from nothing, although its client never closes it', async () => {
    await using other = await startGatewayTester({ subgraphs: createRoomGraph().subgraphs });
    const { port, hostname: host } = new URL(other.url);
    const client = connect({ port: Number(port), host, allowHalfOpen: true }).resume();
    client.write('GET /else HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nx');
    await once(client, 'end');
    await other.stopGateway();
    expect(client.writable).toBe(true);
    client.destroy();
  });

  it('that greets with what cannot be a header is refused, before a subgraph is asked with it', async () => {
    const raw = await openRawSocket(tester.url);
    raw.send({ type: 'connection_init', payload: { 'x-tenant': 'a\nb' } });
    const reason = 'The value of "x-tenant" cannot be that of a header.';
    const outcome = await Promise.race([raw.closed, raw.untilCame('connection_ack')]);
    expect(outcome).toEqual({ code: CLOSE_CODES.forbidden.code, reason });
  });

  it.each([
    ['the only field of a subscription is skipped', 'subscription { roomChanged @skip(if: true) { id } }'],
    ['the schema has none of its kind', 'mutation { anything }'],
    ['a variable may skip it', 'subscription($a: Boolean!) { roomChanged @skip(if: $a) { id } }'],
  ])('is told each time that an operation is none where %s', async (_what, query) => {
    const raw = await openGreetedSocket(tester.url);
    for (const id of ['1', '2']) raw.send(subscribe(id, query));
    await until('both have an end', () => raw.messages.length === 3);
    const payload = [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }];
    const errors = ['1', '2'].map((id) => ({ id, type: 'error', payload }));
    expect(raw.messages.slice(1)).toMatchObject(errors);
    const streams = await tester.samples('headgate_streams');
    expect(streams.map(({ value }) => value)).toEqual([0, 0]);
    raw.socket.close();
  });

  it('carries headers in what it greets with, but no cookie', async () => {
    const raw = await openGreetedSocket(tester.url, { 'X-Tenant': 'blue', cookie: 'forged=1', other: 'no' });
    const before = tester.subgraph('sensors').socket.received.length;
    raw.send(subscribe('1'));
    await until('it is subscribed', () => graph.changes.listeners === 1);
    const [received] = tester.subgraph('sensors').socket.received.slice(before);
    expect(received?.headers['x-tenant']).toBe('blue');
    expect(received?.headers.cookie).toBeUndefined();
    expect(Object.keys(received?.connectionParams ?? {}).sort()).toEqual(['x-request-id', 'x-tenant']);
    graph.changes.publish({ id: 'r1', temperature: 1 });
    await raw.untilCame('next');
    expect(tester.subgraph('names').received.at(-1)?.headers['x-tenant']).toBe('blue');
    raw.socket.close();
  });
});
