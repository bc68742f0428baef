import { createHash, createPublicKey, verify } from 'node:crypto';
import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import {
  productsSchema,
  type RegistryTester,
  startTestRegistry,
  startTestWorker,
} from '../../test/support/registryTester.js';
import { REGISTRY_COLLECTIONS } from '../store/collections.js';
import type { SchemaWorker } from '../work/schemaWorker.js';

const PRICE = { id: 'price', body: '{ product(id: "1") { price } }' };
const IDS = { id: 'ids', body: 'query Ids { product(id: "1") { id } }' };

let worker: SchemaWorker;
beforeAll(() => {
  worker = startTestWorker();
});
afterAll(() => worker.close());

onBothDatabases('lists of operations in the registry', (open) => {
  let registry: RegistryTester;
  beforeEach(async () => {
    registry = await startTestRegistry({ worker, database: await open(REGISTRY_COLLECTIONS) });
    await registry.publish({ name: 'products', schema: productsSchema('price: Int') });
  });
  afterEach(() => registry[Symbol.asyncDispose]());

  const list = (who: 'admin' | 'web' | 'products' | 'gateway', body: object) =>
    registry.ask(who, '/v1/operation-lists', body);
  const given = () => registry.ask('gateway', '/v1/operation-lists');

  it('grow with each publish, are replaced and removed, and are given out signed', async () => {
    expect((await given()).body).toEqual({ lists: [] });
    const first = await list('web', { client: 'web', operations: [PRICE] });
    expect(first.body).toEqual({ outcome: 'published', version: 1, added: 1, removed: 0, operations: 1 });
    expect((await list('web', { client: 'web', operations: [PRICE] })).body.outcome).toBe('unchanged');
    await list('admin', { operations: [IDS] });
    await list('web', { client: 'web', operations: [IDS] });
    const { body, headers } = await given();
    expect(body).toEqual({
      lists: [
        { client: null, operations: [['ids', IDS.body]] },
        {
          client: 'web',
          operations: [
            ['ids', IDS.body],
            ['price', PRICE.body],
          ],
        },
      ],
    });
    const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    expect(headers.get('etag')).toBe(`"${hash}"`);
    const key = createPublicKey((await registry.ask('nobody', '/v1/key')).body);
    const signature = Buffer.from(headers.get('headgate-signature') as string, 'base64');
    const rest = `${headers.get('headgate-version')}\n${headers.get('headgate-revision')}\n${hash}`;
    expect(verify(null, Buffer.from(`headgate-operations\n${rest}`), key, signature)).toBe(true);
    expect(verify(null, Buffer.from(`headgate-supergraph\n${rest}`), key, signature)).toBe(false);
    const replaced = await list('web', { client: 'web', operations: [IDS], replace: true });
    expect(replaced.body).toMatchObject({ added: 0, removed: 1, operations: 1 });
    await list('web', { client: 'web', operations: [], replace: true });
    expect((await registry.ask('reader', '/v1/operation-lists/clients')).body).toMatchObject({
      version: 5,
      lists: [{ client: null, operations: 1, by: 'ops' }],
    });
    const { body: audit } = await registry.ask('admin', '/v1/audit');
    expect(JSON.stringify(audit)).toContain('web: 0 added, 1 removed, 0 listed');
  });

  it('take no operation that the graph does not have, and give no id a second meaning', async () => {
    const faultsOf = async (operations: object[]) => {
      const { status, body } = await list('web', { client: 'web', operations });
      return { status, ...body.errors?.[0].extensions };
    };
    const wrong = [
      { id: 'a', body: '{ product(id: "1") { weight } }' },
      { id: 'b', body: '{ product {' },
      { id: 'c', body: 'fragment P on Product { id }' },
    ];
    const refused = { status: 422, code: 'OPERATIONS_REFUSED' };
    expect(await faultsOf([PRICE, ...wrong])).toEqual({
      ...refused,
      faults: [
        expect.stringMatching(/^a: Cannot query field "weight"/),
        expect.stringMatching(/^b: Syntax Error/),
        'c: It holds no operation.',
      ],
    });
    expect((await given()).body).toEqual({ lists: [] });
    await list('web', { client: 'web', operations: [PRICE] });
    const other = { ...PRICE, body: IDS.body };
    const taken = { ...refused, faults: ['price: this id stands for another text already'] };
    expect(await faultsOf([other])).toEqual(taken);
    expect(await faultsOf([IDS, { ...IDS, body: PRICE.body }])).toMatchObject(refused);
    expect((await given()).body.lists[0].operations).toEqual([['price', PRICE.body]]);
  });

  it('are changed by whose they are alone, and lose nothing when many publish at once', async () => {
    const statuses = await Promise.all([
      list('products', { client: 'web', operations: [PRICE] }),
      list('web', { client: 'ios', operations: [PRICE] }),
      list('web', { operations: [PRICE] }),
      list('gateway', { client: 'web', operations: [PRICE] }),
      registry.ask('nobody', '/v1/operation-lists'),
      registry.ask('products', '/v1/operation-lists'),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([403, 403, 403, 403, 401, 403]);
    const clients = Array.from({ length: 8 }, (_, index) => `client-${index}`);
    await Promise.all(clients.map((client) => list('admin', { client, operations: [PRICE] })));
    const { body } = await given();
    expect(body.lists.map(({ client }: { client: string }) => client)).toEqual(clients);
  });
});
