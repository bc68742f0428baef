import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type PublishOperationsOptions,
  runListOperations,
  runPublishOperations,
  runRemoveOperations,
} from '../../../cli/commands/operations/operationLists.js';
import type { CommandIo } from '../../../cli/commands/schema/registryClient.js';
import type { SchemaWorker } from '../../../schema/work/schemaWorker.js';
import {
  productsSchema,
  type RegistryTester,
  startTestRegistry,
  startTestWorker,
  TOKENS,
} from '../../support/registryTester.js';
import { startTestSubgraph, type TestSubgraph } from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';
import { type RegistryGateway, startRegistryGateway } from '../reload/registryGateway.js';

const NAME = 'query Name { product(id: "1") { name } }';
const ID = '{ product(id: "1") { id } }';

/** The whole way: somebody who builds a client publishes its list, and gateways run that and nothing else. */
describe('a list of operations that is published to the registry', () => {
  let worker: SchemaWorker;
  let folder: string;
  let products: TestSubgraph;
  let registry: RegistryTester;
  const gateways: RegistryGateway[] = [];
  beforeAll(async () => {
    worker = startTestWorker();
    folder = await mkdtemp(path.join(tmpdir(), 'headgate-lists-'));
    products = await startTestSubgraph({
      name: 'products',
      typeDefs: productsSchema(),
      resolvers: { Query: { product: (_: unknown, { id }: { id: string }) => ({ id, name: 'Kettle' }) } },
    });
    registry = await startTestRegistry({ worker });
    await registry.publish({ name: 'products', schema: productsSchema(), url: products.url });
  });
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway[Symbol.asyncDispose]()));
    await registry[Symbol.asyncDispose]();
    await products.close();
    await worker.close();
    await rm(folder, { recursive: true });
  });

  async function startGateway(files: string[] = []): Promise<RegistryGateway> {
    const key = (await registry.ask('nobody', '/v1/key').catch(() => undefined))?.body as string | undefined;
    connection ??= { url: registry.url, token: TOKENS.gateway, publicKey: key as string };
    const gateway = await startRegistryGateway({ connection }, path.join(folder, 'supergraph.json'), {
      persistedOperations: {
        mode: 'require_id',
        files,
        pollMs: 100,
        registry: { enabled: true, cacheFile: path.join(folder, 'operations.json') },
      },
    });
    gateways.push(gateway);
    return gateway;
  }
  let connection: { url: string; token: string; publicKey: string } | undefined;

  async function ask(gateway: RegistryGateway, body: object, client = '') {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'apollographql-client-name': client },
      body: JSON.stringify(body),
    });
    const { data, errors } = (await response.json()) as {
      data?: { product?: object };
      errors?: { extensions: { code: string } }[];
    };
    return data?.product ?? errors?.[0]?.extensions.code;
  }

  async function run(command: (io: CommandIo) => Promise<void>) {
    let out = '';
    const env = { HEADGATE_REGISTRY_URL: registry.url, HEADGATE_SCHEMA_TOKEN: TOKENS.web };
    const write = (text: string) => {
      out += text;
    };
    await command({ write, env });
    return out;
  }
  async function publish(operations: object, options: Partial<PublishOperationsOptions> = {}) {
    const file = path.join(folder, 'published.json');
    await writeFile(file, JSON.stringify(operations));
    return run((io) => runPublishOperations({ client: 'web', file, ...options }, io));
  }

  it('is run by id, by its client alone, in the moment in which it is published, changed and removed', async () => {
    const file = path.join(folder, 'file.json');
    await writeFile(file, JSON.stringify({ filed: ID }));
    const gateway = await startGateway([file]);
    expect(await ask(gateway, { documentId: 'filed' })).toEqual({ id: '1' });
    expect(await ask(gateway, { documentId: 'name' }, 'web')).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(await publish({ name: NAME })).toBe('the list of web: 1 added, 0 removed, 1 on it now\n');
    await until(
      'the list is there',
      async () => typeof (await ask(gateway, { documentId: 'name' }, 'web')) !== 'string',
    );
    expect(await ask(gateway, { documentId: 'name' }, 'web')).toEqual({ name: 'Kettle' });
    expect(await ask(gateway, { documentId: 'name' }, 'ios')).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(await ask(gateway, { query: NAME }, 'web')).toBe('OPERATION_ID_REQUIRED');
    expect(await publish({ id: ID }, { replace: true })).toBe(
      'the list of web: 1 added, 1 removed, 1 on it now\n',
    );
    await until(
      'the old id is gone',
      async () => (await ask(gateway, { documentId: 'name' }, 'web')) === 'PERSISTED_QUERY_NOT_FOUND',
    );
    expect(await ask(gateway, { documentId: 'id' }, 'web')).toEqual({ id: '1' });
    expect(await ask(gateway, { documentId: 'filed' }, 'web')).toEqual({ id: '1' });
    expect(await gateway.metrics()).toContain('headgate_operation_list_reads_total{outcome="loaded"} 2');
    expect(await run((io) => runListOperations({}, io))).toMatch(
      /^web {2}1 operations, changed \S+ by team-web\n$/,
    );
    await run((io) => runRemoveOperations({ client: 'web' }, io));
    await until(
      'nothing is left',
      async () => (await ask(gateway, { documentId: 'id' }, 'web')) === 'PERSISTED_QUERY_NOT_FOUND',
    );
  });

  it('is refused with the exit code of a refusal where it does not fit the graph, and changes nothing', async () => {
    await expect(publish({ wrong: '{ product(id: "1") { weight } }' })).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('wrong: Cannot query field "weight"'),
    });
    await expect(publish({ id: ID }, { client: 'ios' })).rejects.toMatchObject({ exitCode: 3 });
  });

  it('outlives the registry: gateways keep it, and start with it', async () => {
    await publish({ name: NAME });
    const running = await startGateway();
    expect(await ask(running, { documentId: 'name' }, 'web')).toEqual({ name: 'Kettle' });
    await registry[Symbol.asyncDispose]();
    await until(
      'the gateway has noticed',
      async () =>
        (await running.metrics()).includes('headgate_operation_list_reads_total{outcome="failed"}') &&
        !(await running.metrics()).includes('headgate_operation_list_reads_total{outcome="failed"} 0'),
    );
    const started = await startGateway();
    for (const gateway of [running, started]) {
      expect(await ask(gateway, { documentId: 'name' }, 'web')).toEqual({ name: 'Kettle' });
      expect(await ask(gateway, { query: ID }, 'web')).toBe('OPERATION_ID_REQUIRED');
    }
    expect(started.lines.map(({ msg }) => msg)).toContain(
      'starting with the lists of operations that were kept on disk',
    );
  });
});
