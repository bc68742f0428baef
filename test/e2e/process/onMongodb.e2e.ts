import { graphqlClient } from '../../support/graphqlClient.js';
import {
  compileHeadgate,
  type HeadgateProcess,
  type HeadgateProgram,
} from '../../support/headgateProgram.js';
import { startMongod } from '../../support/mongod.js';
import { describeReal, realMongodbUri } from '../../support/realParts.js';
import { ANY_PORTS } from './anyPorts.js';

const PASSWORD = 'hunter2';

describeReal(['mongodb', 'mongod'], 'headgate on a real MongoDB', () => {
  let headgate: HeadgateProgram;
  beforeAll(async () => {
    headgate = await compileHeadgate();
  });
  afterAll(() => headgate[Symbol.asyncDispose]());

  async function start(env: Record<string, string>) {
    const running: HeadgateProcess = await headgate.start(['start', '--port', '0'], {
      files: ANY_PORTS,
      env,
    });
    const [, url] = await running.says(/graph +(\S+)\/graphql/);
    return { running, ...graphqlClient(url as string) };
  }

  async function stop(running: HeadgateProcess): Promise<void> {
    running.signal('SIGTERM');
    expect(await running.exited).toEqual({ code: 0, signal: null });
    await running[Symbol.asyncDispose]();
  }

  it('says where its data is, keeps it, and loads the sample shop once', async () => {
    const uri = realMongodbUri();
    const name = /\/(\w+)\?/.exec(`${uri}?`)?.[1] as string;
    const first = await start({ MONGODB_URI: uri });
    for (const [subgraph, database] of [
      ['products', name],
      ['inventory', `${name}_inventory`],
      ['orders', name],
    ]) {
      await first.running.says(
        new RegExp(`"database":"mongodb://127[^"]+/${database}".*"msg":"${subgraph} keeps its data here"`),
      );
    }
    const before = await first.ask(`mutation {
      deleteProduct(id: "books-0001")
      restock(productId: "books-0002", quantity: 1) { onHand }
    }`);
    expect(before.errors).toBeUndefined();
    await stop(first.running);

    const second = await start({ MONGODB_URI: uri });
    const { data } = await second.ask(
      `{
        deleted: product(id: "books-0001") { id }
        kept: product(id: "books-0003") { sku }
        stock(productId: "books-0002") { onHand }
        me { orders(first: 100) { edges { node { id } } } }
      }`,
      {},
      { 'x-user': 'ada' },
    );
    expect(data).toMatchObject({
      deleted: null,
      kept: { sku: 'BOO-00003' },
      stock: before.data.restock,
    });
    expect(data.me.orders.edges).toHaveLength(40);
    await stop(second.running);
  });

  it('refuses a server that has no change streams, and says how to start one that has', async () => {
    await using standalone = await startMongod();
    const env = { MONGODB_URI: `mongodb://127.0.0.1:${standalone.port}/shop` };
    const { code, stderr } = await headgate.run(['start', '--port', '0'], { env });
    expect(stderr).toMatch(/products cannot use its database.*standalone.*mongod --replSet/s);
    expect(code).toBe(4);
  });

  it('refuses when the server refuses, and repeats no password', async () => {
    const env = { MONGODB_URI: realMongodbUri().replace('//', `//ada:${PASSWORD}@`) };
    const { code, stdout, stderr } = await headgate.run(['start', '--port', '0'], { env });
    expect(stderr).toMatch(/products cannot use its database.*\n.*Authentication failed/);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stdout + stderr).not.toContain(PASSWORD);
    expect(code).toBe(1);
  });
});
