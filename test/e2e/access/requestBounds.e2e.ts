import type { GatewayConfigInput } from '../../../gateway/config.js';
import { echoSubgraph } from '../../support/echoSubgraph.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { rawRequest } from '../../support/rawRequest.js';
import { openGreetedSocket } from '../../support/rawSocket.js';
import { recordingLogger } from '../../support/recordingLogger.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const SSE = 'text/event-stream';
const MULTIPART = 'multipart/mixed;subscriptionSpec=1.0';
const TICKS = { query: 'subscription { ticks }' };
const subscribe = (payload: unknown) => ({ id: '1', type: 'subscribe', payload });

async function post(url: string, body: string, accept?: string) {
  const headers = { ...JSON_TYPE, ...(accept && { accept }) };
  const { status, bytes } = await rawRequest(url, { method: 'POST', headers, body });
  const code = /"code":"(\w+)"/.exec(bytes.toString())?.[1];
  return { status, code };
}

/** How often each limit of requests was exceeded. */
async function exceeded(gateway: GatewayTester) {
  const samples = await gateway.samples('headgate_limit_exceeded_total');
  const counted = samples.filter(({ value }) => value > 0);
  return counted.map(({ labels, value }) => [labels['kind'], labels['outcome'], value]);
}

describe('a list of operations', () => {
  let gateway: GatewayTester;
  beforeAll(async () => {
    gateway = await startGatewayTester({
      subgraphs: [echoSubgraph],
      // There is no answer to one, so that nothing lets it through.
      config: { limits: { mode: 'off' } },
    });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  it.each<[string, string | undefined]>([
    ['plain HTTP', undefined],
    ['server-sent events', SSE],
    ['multipart', MULTIPART],
    ['server-sent events where JSON is taken too', `${SSE}, application/json`],
    ['multipart where JSON is taken too', `${MULTIPART}, application/json`],
  ])('is refused over %s, with its code, and counted', async (_transport, accept) => {
    const counted = async () => Number((await exceeded(gateway))[0]?.[2] ?? 0);
    const before = await counted();
    const refused = { status: 400, code: 'BATCHING_NOT_SUPPORTED' };
    const batches = [[{ query: '{ hello }' }, { query: '{ hello }' }], [TICKS], []];
    for (const batch of batches) {
      expect(await post(gateway.url, JSON.stringify(batch), accept)).toEqual(refused);
    }
    expect((await counted()) - before).toBe(batches.length);
    expect(gateway.subgraph('echo').received).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['a list of messages', [subscribe(TICKS), { ...subscribe(TICKS), id: '2' }]],
    ['a message with a list', subscribe([TICKS, TICKS])],
  ])('is refused over a WebSocket as %s, with its close code, and counted', async (_what, message) => {
    const before = await exceeded(gateway);
    const raw = await openGreetedSocket(gateway.url);
    raw.send(message);
    expect(await raw.closed).toEqual({
      code: 4400,
      reason: 'One request carries one operation, not a list of them.',
    });
    expect(await exceeded(gateway)).toEqual([['batching', 'refused', Number(before[0]?.[2] ?? 0) + 1]]);
  });
});

describe('a body or message beyond the limit', () => {
  const large = JSON.stringify({ query: '{ hello }', padding: 'x'.repeat(1_500) });
  const huge = JSON.stringify({ query: '{ hello }', padding: 'x'.repeat(5_000) });
  const start = async (limits: GatewayConfigInput['limits']) => {
    const log = recordingLogger();
    const config = { maxBodyBytes: 4_096, limits };
    const gateway = await startGatewayTester({ subgraphs: [echoSubgraph], config, logger: log.logger });
    return Object.assign(gateway, { log });
  };
  const ways = [undefined, SSE, MULTIPART, `${SSE}, application/json`];
  const query = (payload: string) => `{"id":"1","type":"subscribe","payload":${payload}}`;

  it('is refused, over every transport, and counted once each', async () => {
    await using gateway = await start({ maxBodyBytes: 1_024 });
    const refused = { status: 413, code: 'REQUEST_TOO_LARGE' };
    for (const accept of ways) expect(await post(gateway.url, large, accept)).toEqual(refused);
    const raw = await openGreetedSocket(gateway.url);
    raw.send(query(large));
    expect(await raw.closed).toMatchObject({ code: 1009 });
    expect(await exceeded(gateway)).toEqual([['bodyBytes', 'refused', ways.length + 1]]);
    expect(gateway.subgraph('echo').received).toEqual([]);
  });

  it('is let through in the mode that only warns, counted and logged, up to what memory has room for', async () => {
    await using gateway = await start({ mode: 'warn', maxBodyBytes: 1_024 });
    for (const accept of ways) expect(await post(gateway.url, large, accept)).toMatchObject({ status: 200 });
    const raw = await openGreetedSocket(gateway.url);
    raw.send(query(large));
    await raw.untilCame('complete');
    const warned = ['bodyBytes', 'warned', ways.length + 1];
    expect(await exceeded(gateway)).toEqual([warned]);
    expect(gateway.log.lines).toContainEqual(
      expect.objectContaining({ limit: 'bodyBytes', maximum: 1_024, bytes: large.length }),
    );
    expect(await post(gateway.url, huge)).toEqual({ status: 413, code: 'REQUEST_TOO_LARGE' });
    raw.send(query(huge));
    expect(await raw.closed).toMatchObject({ code: 1009 });
    expect(await exceeded(gateway)).toEqual([['bodyBytes', 'refused', 2], warned]);
  });

  it('has no other limit than that of memory where limits are off, and none above it', async () => {
    for (const limits of [{ mode: 'off', maxBodyBytes: 1_024 }, { maxBodyBytes: 100_000 }, {}] as const) {
      await using gateway = await start(limits);
      expect(await post(gateway.url, large)).toMatchObject({ status: 200 });
      expect(await post(gateway.url, huge)).toMatchObject({ status: 413 });
      expect(await exceeded(gateway)).toEqual([['bodyBytes', 'refused', 1]]);
    }
  });
});
