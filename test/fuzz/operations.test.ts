import fc from 'fast-check';
import type { GatewayConfigInput } from '../../gateway/config.js';
import { isKnownCode } from '../../platform/errors.js';
import { fuzzed } from '../support/fuzz.js';
import { type FuzzedOperation, fuzzedOperation, fuzzedSubgraph } from '../support/fuzzedOperation.js';
import { type GatewayTester, startGatewayTester } from '../support/gatewayTester.js';
import { openGreetedSocket, type RawSocket } from '../support/rawSocket.js';
import { recordingLogger } from '../support/recordingLogger.js';
import { until } from '../support/until.js';

interface Answer {
  readonly status: number;
  readonly text: string;
}
type Send = (url: string, operation: FuzzedOperation) => Promise<Answer>;

const toAnswer = async (response: Response): Promise<Answer> => ({
  status: response.status,
  text: await response.text(),
});
const post =
  (accept: string): Send =>
  async (url, operation) => {
    const headers = { 'content-type': 'application/json', accept };
    return toAnswer(await fetch(url, { method: 'POST', headers, body: JSON.stringify(operation) }));
  };
const get: Send = async (url, { query, variables, operationName }) => {
  const parameters = new URLSearchParams({ query });
  if (variables !== undefined) parameters.set('variables', JSON.stringify(variables));
  if (typeof operationName === 'string') parameters.set('operationName', operationName);
  return toAnswer(await fetch(`${url}?${parameters}`, { headers: { 'apollo-require-preflight': '1' } }));
};
const overHttp: Readonly<Record<string, Send>> = {
  POST: post('application/json'),
  GET: get,
  'in parts': post('multipart/mixed; deferSpec=20220824, application/json'),
  SSE: post('text/event-stream'),
  multipart: post('multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json'),
};

async function overSocket({ messages, send }: RawSocket, payload: FuzzedOperation): Promise<Answer> {
  const from = messages.length;
  const id = String(from);
  const heard = () => messages.slice(from).filter((message) => message['id'] === id);
  send({ type: 'subscribe', id, payload });
  const hasEnd = () => heard().some(({ type }) => type === 'complete' || type === 'error');
  await until('it has an end', hasEnd, 30_000);
  return { status: 200, text: JSON.stringify(heard()) };
}

function isBlamedOnUs({ status, text }: Answer): boolean {
  const codes = [...text.matchAll(/"code":"(\w+)"/g)].map(([, code]) => code);
  return status >= 500 || codes.some((code) => !isKnownCode(code) || code === 'INTERNAL_SERVER_ERROR');
}

const PRODUCTION: GatewayConfigInput = { introspection: false };
/** Nothing is refused before graphql-js has seen it. */
const OPEN: GatewayConfigInput = {
  introspection: true,
  suggestions: true,
  limits: { mode: 'off' },
  cost: { mode: 'off' },
};

describe.each([
  ['production defaults', PRODUCTION],
  ['introspection and no limits', OPEN],
])('a gateway with %s', (_name, config) => {
  const { logger, lines } = recordingLogger();
  let gateway: GatewayTester;
  beforeAll(async () => {
    gateway = await startGatewayTester({ subgraphs: [fuzzedSubgraph], config, logger });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  it('answers every operation over every transport, and never as if it were its own fault', async () => {
    const socket = await openGreetedSocket(gateway.url);
    await fc.assert(
      fc.asyncProperty(fuzzedOperation, async (operation) => {
        const sent = Object.entries(overHttp).map(
          async ([transport, send]) => [transport, await send(gateway.url, operation)] as const,
        );
        const answers = await Promise.all(sent);
        const all = [...answers, ['WebSocket', await overSocket(socket, operation)] as const];
        expect(all.filter(([, answer]) => isBlamedOnUs(answer))).toEqual([]);
      }),
      fuzzed(50),
    );
    expect(lines.filter(({ level }) => (level as number) >= 50)).toEqual([]);
  }, 120_000);
});
