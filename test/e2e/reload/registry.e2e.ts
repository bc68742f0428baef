import { type FakeRegistry, startFakeRegistry } from '../../support/fakeRegistry.js';
import { startTestSubgraph, type TestSubgraph } from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';
import {
  graphOf,
  markedTypes,
  type RegistryGateway,
  startRegistryGateway,
  temporaryCacheFile,
  VERSION_QUERY,
  versionIn,
} from './registryGateway.js';

describe('a gateway on a registry', () => {
  let products: TestSubgraph;
  let registry: FakeRegistry;
  let kept: Awaited<ReturnType<typeof temporaryCacheFile>>;
  beforeEach(async () => {
    products = await startTestSubgraph({
      name: 'products',
      typeDefs: markedTypes('all of it', 'colour: String'),
      resolvers: { Query: { product: () => ({ id: '1', name: 'Kettle', colour: 'red' }) } },
    });
    registry = await startFakeRegistry(graphOf(products, 'v1'));
    kept = await temporaryCacheFile();
  });
  afterEach(async () => {
    await registry[Symbol.asyncDispose]();
    await products.close();
    await kept[Symbol.asyncDispose]();
  });

  const served = async (gateway: RegistryGateway) => versionIn(await gateway.query(VERSION_QUERY));
  const problemOf = async (gateway: RegistryGateway) =>
    ((await gateway.ready())['registry'] as { problem: { kind: string } | null }).problem?.kind;

  it('serves what is published, and what is rolled back to, and tells the version', async () => {
    await using gateway = await startRegistryGateway(registry, kept.file);
    expect(await served(gateway)).toBe('v1');
    expect(await gateway.ready()).toMatchObject({
      ready: true,
      registry: { version: 1, from: 'registry', problem: null },
    });
    registry.publish(graphOf(products, 'v2', 'colour: String'));
    await until('the second is served', async () => (await served(gateway)) === 'v2');
    expect(await gateway.query('{ product { colour } }')).toEqual({ data: { product: { colour: 'red' } } });
    registry.publish(graphOf(products, 'v1'), { version: 1 });
    await until('the first is served again', async () => (await served(gateway)) === 'v1');
    const metrics = await gateway.metrics();
    expect(metrics).toContain('headgate_registry_version 1');
    expect(metrics).toContain('headgate_supergraph_reloads_total{outcome="adopted"} 3');
    expect(metrics).toContain('headgate_registry_answers_total{outcome="changed"} 3');
  });

  it('keeps its graph when it is given one that cannot be served, and says why until that is over', async () => {
    await using gateway = await startRegistryGateway(registry, kept.file);
    registry.publish('type Query { a: Int }');
    await until('it is refused', async () => (await problemOf(gateway)) === 'unservable');
    expect(await served(gateway)).toBe('v1');
    expect(await gateway.ready()).toMatchObject({ ready: true, registry: { version: 1 } });
    const metrics = await gateway.metrics();
    expect(metrics).toContain('headgate_registry_problem{kind="unservable"} 1');
    expect(metrics).toContain('headgate_registry_problem{kind="signature"} 0');
    expect(metrics).toContain('headgate_supergraph_reloads_total{outcome="refused"} 1');
    expect(gateway.lines.map(({ msg }) => msg)).toContain(
      'the new supergraph cannot be used; the old one stays',
    );
    registry.publish(graphOf(products, 'v3'));
    await until('the next is served', async () => (await served(gateway)) === 'v3');
    expect(await problemOf(gateway)).toBeUndefined();
  });

  it('starts with what it served last when the registry is down, and follows it when it is back', async () => {
    await (await startRegistryGateway(registry, kept.file))[Symbol.asyncDispose]();
    registry.breakWith((request) => void request.socket.destroy());
    await using gateway = await startRegistryGateway(registry, kept.file);
    expect(await served(gateway)).toBe('v1');
    expect(await gateway.ready()).toMatchObject({
      ready: true,
      registry: { version: 1, from: 'disk', confirmedAt: null, problem: { kind: 'unreachable' } },
    });
    expect(await gateway.metrics()).toContain('headgate_registry_problem{kind="unreachable"} 1');
    registry.breakWith(undefined);
    registry.publish(graphOf(products, 'v2'));
    await until('the second is served', async () => (await served(gateway)) === 'v2');
    expect(await problemOf(gateway)).toBeUndefined();
  });

  it('starts with what it served last when the registry has only what cannot be served', async () => {
    await (await startRegistryGateway(registry, kept.file))[Symbol.asyncDispose]();
    registry.publish('no supergraph');
    await using gateway = await startRegistryGateway(registry, kept.file);
    expect(await served(gateway)).toBe('v1');
    expect(await gateway.ready()).toMatchObject({
      registry: { version: 1, from: 'disk', problem: { kind: 'unservable' } },
    });
  });

  it('does not start when there is neither a registry nor anything that was kept, and says so', async () => {
    registry.breakWith((request) => void request.socket.destroy());
    await expect(startRegistryGateway(registry, kept.file)).rejects.toThrow(
      `the supergraph cannot be read from ${registry.url}`,
    );
  });
});
