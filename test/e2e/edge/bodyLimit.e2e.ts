import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { echoSubgraph } from '../../support/echoSubgraph.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const graph = { subgraphs: [echoSubgraph], config: { maxBodyBytes: 1024 } };

/** Sends this text as it is, and resolves with all that came back once the server has closed the connection. */
async function exchangeUntilClosed(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.write(text);
  // The server closes: this side never ends the connection itself.
  await once(socket, 'close');
  return answer;
}

function expectTooLarge(answer: string): void {
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n');
  const { errors } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
  expect(errors).toEqual([
    { message: 'The body may have at most 1024 bytes.', extensions: { code: 'REQUEST_TOO_LARGE' } },
  ]);
}

const run = promisify(execFile);
/** Prints what came of ten bodies of 4 MB. */
const SEND_LARGE = `
(async () => {
  const outcomes = [];
  for (let count = 0; count < 10; count++) {
    const headers = { 'content-type': 'application/json' };
    const sent = fetch(process.argv[1], { method: 'POST', headers, body: ' '.repeat(4 * 1024 * 1024) });
    outcomes.push(await sent.then(({ status }) => status, ({ cause }) => cause?.code));
  }
  console.log(JSON.stringify(outcomes));
})();
`;

describe('a body that is too large', () => {
  const head = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

  it('is refused by its announced length, before it is sent', async () => {
    await using gateway = await startGatewayTester(graph);
    expectTooLarge(await exchangeUntilClosed(gateway.url, `${head}content-length: 1025\r\n\r\n`));
    expect(gateway.subgraph('echo').received).toEqual([]);
  });

  it('is refused as soon as too much has come, when no length was announced', async () => {
    await using gateway = await startGatewayTester(graph);
    const chunk = ' '.repeat(600);
    const unfinished = `${head}transfer-encoding: chunked\r\n\r\n258\r\n${chunk}\r\n258\r\n${chunk}\r\n`;
    expectTooLarge(await exchangeUntilClosed(gateway.url, unfinished));
    expect(gateway.subgraph('echo').received).toEqual([]);
    const counted = await gateway.samples('headgate_limit_exceeded_total');
    expect(counted.filter(({ value }) => value > 0)).toMatchObject([
      { labels: { kind: 'bodyBytes', outcome: 'refused' }, value: 1 },
    ]);
  });

  it('is no matter of many small pieces, until they are nothing else', async () => {
    await using gateway = await startGatewayTester({ ...graph, config: { maxBodyBytes: 1_048_576 } });
    const pieces = (text: string) => [...text].map((character) => `1\r\n${character}\r\n`).join('');
    const query = JSON.stringify({ query: '{ hello }' });
    const chunked = `${head}connection: close\r\ntransfer-encoding: chunked\r\n\r\n`;
    const few = `${chunked}${pieces(query.padEnd(16_000))}0\r\n\r\n`;
    expect(await exchangeUntilClosed(gateway.url, few)).toMatch(/^HTTP\/1\.1 200 /);
    const unfinished = `${head}transfer-encoding: chunked\r\n\r\n${pieces(query.padEnd(16_385))}`;
    const answer = await exchangeUntilClosed(gateway.url, unfinished);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('The body came in more than 16384 pieces of a few bytes each.');
    // Some large ones among them, and it is an ordinary body.
    const large = `${(900_000).toString(16)}\r\n${' '.repeat(900_000)}\r\n`;
    const mixed = `${chunked}${large}${pieces(query.padEnd(14_000))}0\r\n\r\n`;
    expect(await exchangeUntilClosed(gateway.url, mixed)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('is refused so that the client hears of it, also one that is still sending', async () => {
    await using gateway = await startGatewayTester(graph);
    // In a process of its own: in this one, it would not be sending while the gateway answers.
    const { stdout } = await run(process.execPath, ['-e', SEND_LARGE, gateway.url]);
    expect(JSON.parse(stdout)).toEqual(Array.from({ length: 10 }, () => 413));
  });

  it('of exactly the limit is answered', async () => {
    await using gateway = await startGatewayTester(graph);
    const body = '{"query":"{ hello }"}'.padEnd(1024);
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect({ status: response.status, answer: await response.json() }).toEqual({
      status: 200,
      answer: { data: { hello: 'Hello you' } },
    });
  });

  it('never smuggles its rest in as a second request', async () => {
    await using gateway = await startGatewayTester(graph);
    const second = `${head}content-length: 21\r\n\r\n{"query":"{ hello }"}`;
    const answer = await exchangeUntilClosed(
      gateway.url,
      `${head}content-length: 2000\r\n\r\n${second.padEnd(2000)}`,
    );
    expectTooLarge(answer);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(gateway.subgraph('echo').received).toEqual([]);
  });
});
