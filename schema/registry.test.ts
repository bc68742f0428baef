import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Database } from '../platform/database/database.js';
import { openDatabase } from '../platform/database/openDatabase.js';
import { held } from '../test/support/held.js';
import { onBothDatabases } from '../test/support/onBothDatabases.js';
import {
  productsSchema,
  type RegistryTester,
  reviewsSchema,
  startTestRegistry,
  startTestWorker,
} from '../test/support/registryTester.js';
import { until } from '../test/support/until.js';
import { ARTEFACTS, REGISTRY_COLLECTIONS } from './store/collections.js';
import type { SchemaWorker } from './work/schemaWorker.js';

const products = (fields?: string) => ({ name: 'products', schema: productsSchema(fields) });
const reviews = (fields?: string) => ({ name: 'reviews', schema: reviewsSchema(fields) });
const BROKEN = { name: 'products', schema: 'type Query { product: Missing }' };

const codeOf = ({ body }: { body: { errors?: { extensions: { code: string } }[] } }) =>
  body.errors?.[0]?.extensions.code;

let worker: SchemaWorker;
beforeAll(() => {
  worker = startTestWorker();
});
afterAll(() => worker.close());

onBothDatabases('the registry', (open) => {
  let registry: RegistryTester;
  beforeEach(async () => {
    registry = await startTestRegistry({ worker, database: await open(REGISTRY_COLLECTIONS) });
  });
  afterEach(() => registry[Symbol.asyncDispose]());

  const served = async () => {
    const { status, body, headers } = await registry.ask('gateway', '/v1/supergraph');
    return status === 200 ? { version: headers.get('headgate-version'), sdl: body as string } : { status };
  };

  it('serves what was published, with its hash, its version and a signature that its key verifies', async () => {
    expect(await registry.publish(products())).toMatchObject({
      status: 200,
      body: { outcome: 'published', version: 1, changes: [] },
    });
    const { status, body, headers } = await registry.ask('gateway', '/v1/supergraph');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(body).toContain('join__graph(name: "products", url: "http://products:4001/graphql")');
    const hash = createHash('sha256').update(body).digest('hex');
    expect(headers.get('etag')).toBe(`"${hash}"`);
    const signature = Buffer.from(headers.get('headgate-signature') as string, 'base64');
    const key = createPublicKey((await registry.ask('nobody', '/v1/key')).body);
    const revision = headers.get('headgate-revision');
    const signed = (version: number) => Buffer.from(`headgate-supergraph\n${version}\n${revision}\n${hash}`);
    expect(verify(null, signed(1), key, signature)).toBe(true);
    expect(verify(null, signed(2), key, signature)).toBe(false);
  });

  it('records what does not compose, and goes on serving what was there', async () => {
    await registry.publish(products());
    const refused = await registry.publish(BROKEN);
    expect(refused.status).toBe(422);
    expect(codeOf(refused)).toBe('COMPOSITION_FAILED');
    const { version, faults } = refused.body.errors[0].extensions;
    expect(version).toBe(2);
    expect(faults[0]).toMatch(/^INVALID_GRAPHQL: .*Missing/);
    expect(await served()).toMatchObject({ version: '1' });
    // What comes next joins the graph that is served, not the refused one.
    expect((await registry.publish(reviews())).body).toMatchObject({ outcome: 'published', version: 3 });
    expect((await served()).sdl).toContain('reviews');
  });

  it('refuses a graph that composes and that the gateway does not execute', async () => {
    const schema = `extend schema
        @link(url: "https://specs.apollo.dev/federation/v2.10", import: ["@key"])
        @link(url: "https://specs.apollo.dev/connect/v0.1", import: ["@connect"])
      type Query { secret: String @connect(http: { GET: "http://x/" }, selection: "$") }`;
    const refused = await registry.publish({ name: 'products', schema });
    expect(refused.status).toBe(422);
    expect(refused.body.errors[0].extensions.faults).toEqual([
      expect.stringMatching(/^NOT_LOADABLE: .*connect/),
    ]);
    expect(await served()).toEqual({ status: 404 });
  });

  it('takes a subgraph out, unless what is left is no graph', async () => {
    await registry.publish(products(), reviews());
    const without = await registry.ask('reviews', '/v1/remove', { subgraph: 'reviews' });
    expect(without.body).toMatchObject({
      outcome: 'published',
      version: 2,
      changes: [{ severity: 'breaking', path: 'Product.reviews' }],
    });
    expect(await served()).toMatchObject({ version: '2', sdl: expect.not.stringContaining('reviews') });
    expect((await registry.ask('reviews', '/v1/remove', { subgraph: 'reviews' })).body).toEqual({
      outcome: 'unchanged',
      version: 2,
    });
    const nothing = await registry.ask('products', '/v1/remove', { subgraph: 'products' });
    expect([nothing.status, codeOf(nothing)]).toEqual([422, 'COMPOSITION_FAILED']);
    expect(await served()).toMatchObject({ version: '2' });
  });

  it('makes no new version of what is served already', async () => {
    await registry.publish(products());
    expect((await registry.publish(products())).body).toEqual({ outcome: 'unchanged', version: 1 });
  });

  it('makes a new version when only the address is another one', async () => {
    await registry.publish(products());
    const moved = await registry.publish({ ...products(), url: 'http://elsewhere/graphql' });
    expect(moved.body).toMatchObject({ outcome: 'published', version: 2 });
    expect((await served()).sdl).toContain('http://elsewhere/graphql');
  });

  it('tells what clients see differently', async () => {
    await registry.publish(products('price: Int'));
    expect((await registry.publish(products('weight: Int'))).body.changes).toMatchObject([
      { type: 'FIELD_REMOVED', severity: 'breaking', path: 'Product.price' },
      { type: 'FIELD_ADDED', severity: 'safe', path: 'Product.weight' },
    ]);
  });

  it('rolls back to the very text that was served then, and forward again', async () => {
    await registry.publish(products());
    const first = await served();
    await registry.publish(products('price: Int'));
    const second = await served();
    const revision = async () =>
      Number((await registry.ask('gateway', '/v1/supergraph')).headers.get('headgate-revision'));
    const before = await revision();
    expect((await registry.ask('admin', '/v1/rollback', { to: 1 })).body).toEqual({ serving: 1 });
    // The version goes down, the revision never: by it gateways tell a rollback from an old answer.
    expect(await revision()).toBeGreaterThan(before);
    expect(await served()).toEqual(first);
    await registry.ask('admin', '/v1/rollback', { to: 2 });
    expect(await served()).toEqual(second);
  });

  it('joins what is published after a rollback to the graph that is served', async () => {
    await registry.publish(products());
    await registry.publish(products('price: Int'));
    await registry.ask('admin', '/v1/rollback', { to: 1 });
    await registry.publish(reviews());
    expect(await served()).toMatchObject({
      version: '3',
      sdl: expect.stringMatching(/^(?!.*price: Int).*reviews/s),
    });
  });

  it('does not roll back to what was refused, nor to what never was', async () => {
    await registry.publish(products());
    await registry.publish(BROKEN);
    for (const to of [2, 99]) {
      const answer = await registry.ask('admin', '/v1/rollback', { to });
      expect([answer.status, codeOf(answer)]).toEqual([404, 'NOT_FOUND']);
    }
    expect(await served()).toMatchObject({ version: '1' });
  });

  it('lets a waiting gateway know at once, and answers 304 when nothing happened', async () => {
    await registry.publish(products());
    const { headers } = await registry.ask('gateway', '/v1/supergraph');
    const get = (wait: number) =>
      fetch(`${registry.url}/v1/supergraph?wait=${wait}`, {
        headers: {
          authorization: 'Bearer gateway-token-of-tests',
          'if-none-match': headers.get('etag') as string,
        },
      });
    const unchanged = await get(0.05);
    expect([unchanged.status, await unchanged.text()]).toEqual([304, '']);
    // A minute would be over long after this test.
    const waiting = get(60);
    await registry.publish(products('price: Int'));
    const changed = await waiting;
    expect([changed.status, changed.headers.get('headgate-version')]).toEqual([200, '2']);
    expect(await changed.text()).toContain('price');
  });

  it('answers 404 with a code while nothing has been published, and lets who waits know of the first', async () => {
    const answer = await registry.ask('gateway', '/v1/supergraph');
    expect([answer.status, codeOf(answer)]).toEqual([404, 'NOTHING_PUBLISHED']);
    // It knows one of a registry that has lost everything.
    const waiting = fetch(`${registry.url}/v1/supergraph?wait=60`, {
      headers: { authorization: 'Bearer gateway-token-of-tests', 'if-none-match': `"${'a'.repeat(64)}"` },
    });
    await registry.waits();
    await registry.publish(products());
    expect((await waiting).status).toBe(200);
  });
});

onBothDatabases('two processes of the registry on one database', (open) => {
  async function two(shared: Database, first: SchemaWorker) {
    const one = await startTestRegistry({ worker: first, database: shared });
    const other = await startTestRegistry({ worker, database: shared });
    return {
      one,
      other,
      async [Symbol.asyncDispose]() {
        await one[Symbol.asyncDispose]();
        await other[Symbol.asyncDispose]();
      },
    };
  }

  it('check each publish against the graph that it joins, when both publish at once', async () => {
    // The first composes, and is held before it may write; meanwhile the other one is faster.
    const composed = held();
    const mayGoOn = held();
    const composedWith: string[][] = [];
    const slow: SchemaWorker = {
      ...worker,
      async run(job) {
        if (job.kind === 'compose') composedWith.push(job.subgraphs.map(({ name }) => name));
        const result = await worker.run(job);
        composed.release();
        await mayGoOn.promise;
        return result;
      },
    };
    await using pair = await two(await open(REGISTRY_COLLECTIONS), slow);
    await pair.other.publish(products());
    const publishing = pair.one.publish(reviews());
    await composed.promise;
    // It takes away what the held one was composed with, by which the two do not fit any more.
    const conflicting = await pair.other.publish(products('reviews: Int'));
    expect(conflicting.body).toMatchObject({ outcome: 'published', version: 2 });
    mayGoOn.release();
    const refused = await publishing;
    expect(refused.status).toBe(422);
    expect(refused.body.errors[0].extensions.faults.join()).toMatch(/reviews/);
    expect(composedWith).toEqual([
      ['products', 'reviews'],
      ['products', 'reviews'],
    ]);
    const { headers } = await pair.one.ask('gateway', '/v1/supergraph');
    expect(headers.get('headgate-version')).toBe('2');
  });

  it('number their versions without gap or doublet, and lose none, when many publish at once', async () => {
    await using pair = await two(await open(REGISTRY_COLLECTIONS), worker);
    await pair.one.publish(products());
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name, index) =>
        [pair.one, pair.other][index % 2]?.publish({
          name,
          schema: reviewsSchema().replace('reviews', name),
        }),
      ),
    );
    expect(answers.map((answer) => answer?.body.version).sort()).toEqual([2, 3, 4, 5]);
    const { body } = await pair.one.ask('gateway', '/v1/supergraph');
    for (const name of ['a', 'b', 'c', 'd']) expect(body).toContain(`name: "${name}"`);
  });

  it('tell gateways that wait at one of them what was published at the other', async () => {
    await using pair = await two(await open(REGISTRY_COLLECTIONS), worker);
    const waiting = pair.one.ask('gateway', '/v1/supergraph?wait=60');
    await pair.one.waits();
    await pair.other.publish(products());
    expect((await waiting).status).toBe(200);
  });
});

describe('who may do what', () => {
  let registry: RegistryTester;
  beforeAll(async () => {
    registry = await startTestRegistry({ worker });
    await registry.publish(products());
  });
  afterAll(() => registry[Symbol.asyncDispose]());

  const publishOf = (name: string) => ({
    subgraphs: [{ name, url: 'http://x/graphql', schema: productsSchema() }],
  });

  it.each([
    ['nobody', 'reads the graph', '/v1/supergraph', undefined, 401],
    ['products', 'reads the graph', '/v1/supergraph', undefined, 403],
    ['reader', 'reads the graph', '/v1/supergraph', undefined, 200],
    ['nobody', 'publishes products', '/v1/publish', publishOf('products'), 401],
    ['gateway', 'publishes products', '/v1/publish', publishOf('products'), 403],
    ['reader', 'publishes products', '/v1/publish', publishOf('products'), 403],
    ['reviews', 'publishes products', '/v1/publish', publishOf('products'), 403],
    [
      'products',
      'publishes reviews beside its own',
      '/v1/publish',
      { subgraphs: [...publishOf('products').subgraphs, ...publishOf('reviews').subgraphs] },
      403,
    ],
    ['reviews', 'removes products', '/v1/remove', { subgraph: 'products' }, 403],
    ['gateway', 'removes products', '/v1/remove', { subgraph: 'products' }, 403],
    ['products', 'rolls back', '/v1/rollback', { to: 1 }, 403],
    ['gateway', 'rolls back', '/v1/rollback', { to: 1 }, 403],
    ['admin', 'rolls back', '/v1/rollback', { to: 1 }, 200],
  ] as const)('%s %s: %s', async (who, _what, target, body, status) => {
    expect((await registry.ask(who, target, body)).status).toBe(status);
  });

  it('an unknown token is nobody', async () => {
    const response = await fetch(`${registry.url}/v1/supergraph`, {
      headers: { authorization: 'Bearer admin-token-of-testz' },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  });
});

describe('what cannot be understood', () => {
  let registry: RegistryTester;
  beforeAll(async () => {
    registry = await startTestRegistry({ worker, config: { maxSchemaBytes: 2000 } });
  });
  afterAll(() => registry[Symbol.asyncDispose]());

  it.each([
    ['has no subgraphs', '{}', 400],
    ['has a name that is none', { subgraphs: [{ name: 'a/b', url: 'http://x/', schema: 'x' }] }, 400],
    ['has the URL of a file', { subgraphs: [{ name: 'a', url: 'file:///etc/passwd', schema: 'x' }] }, 400],
    ['is too long', { subgraphs: [{ name: 'a', url: 'http://x/', schema: 'x'.repeat(2000) }] }, 413],
  ])('%s', async (_what, body, status) => {
    expect((await registry.ask('admin', '/v1/publish', body)).status).toBe(status);
  });

  it('is not JSON, or does not say that it is', async () => {
    for (const [type, body] of [
      ['application/json', '{'],
      ['text/plain', '{"to":1}'],
    ] as const) {
      const response = await fetch(`${registry.url}/v1/rollback`, {
        method: 'POST',
        headers: { authorization: 'Bearer admin-token-of-tests', 'content-type': type },
        body,
      });
      expect(response.status).toBe(400);
    }
  });

  it('has no path here', async () => {
    expect((await registry.ask('admin', '/v1/nothing')).status).toBe(404);
    expect((await registry.ask('admin', '/v1/publish')).status).toBe(404);
  });
});

it('serves nothing that was changed in the database behind its back', async () => {
  const database = await openDatabase({ name: 'registry' });
  await using registry = await startTestRegistry({ worker, database });
  await registry.publish(products());
  const artefacts = database.collection(ARTEFACTS);
  for (const { _id } of await artefacts.find({})) {
    await artefacts.updateOne({ _id }, { $set: { text: 'type Query { mine: Int }' } });
  }
  expect((await registry.ask('gateway', '/v1/supergraph')).status).toBe(500);
  await database.close();
});

it('answers 503 while its database is away', async () => {
  const database = await openDatabase({ name: 'registry' });
  await using registry = await startTestRegistry({ worker, database });
  await registry.publish(products());
  await database.close();
  for (const answer of [await registry.publish(products()), await registry.ask('admin', '/v1/versions')]) {
    expect(answer.status).toBe(503);
    expect(answer.body.errors).toMatchObject([{ extensions: { code: 'TEMPORARILY_UNAVAILABLE' } }]);
  }
});

it('lets waiting gateways go when it closes', async () => {
  const registry = await startTestRegistry({ worker });
  await registry.publish(products());
  const { headers } = await registry.ask('gateway', '/v1/supergraph');
  let status: number | undefined;
  const asked = jest.spyOn(registry.registry.distribution, 'next').mockClear();
  const waiting = fetch(`${registry.url}/v1/supergraph?wait=60`, {
    headers: {
      authorization: 'Bearer gateway-token-of-tests',
      'if-none-match': headers.get('etag') as string,
    },
  }).then((response) => {
    status = response.status;
  });
  await until('it waits', () => asked.mock.calls.length > 0);
  await registry[Symbol.asyncDispose]();
  await waiting;
  expect(status).toBe(304);
});
