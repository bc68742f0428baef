import { startFakeRegistry } from '../../support/fakeRegistry.js';
import { compileHeadgate, type HeadgateProgram } from '../../support/headgateProgram.js';
import { startTestSubgraph } from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';
import { graphOf, markedTypes, temporaryCacheFile } from './registryGateway.js';

describe('a gateway of several workers on a registry', () => {
  let headgate: HeadgateProgram;
  beforeAll(async () => {
    headgate = await compileHeadgate();
  });
  afterAll(() => headgate[Symbol.asyncDispose]());

  it('takes all it needs from the environment, follows in each worker, and starts again without the registry', async () => {
    const products = await startTestSubgraph({
      name: 'products',
      typeDefs: markedTypes('all of it'),
      resolvers: { Query: { product: () => ({ id: '1', name: 'Kettle' }) } },
    });
    await using registry = await startFakeRegistry(graphOf(products, 'v1'));
    await using kept = await temporaryCacheFile();
    const { url, token, publicKey } = registry.connection;
    const env = {
      HEADGATE_WORKERS: '2',
      HEADGATE_REGISTRY_URL: url,
      HEADGATE_REGISTRY_TOKEN: token,
      // As it stands in a file of variables, which has no line breaks in a value.
      HEADGATE_REGISTRY_PUBLIC_KEY: publicKey.replaceAll('\n', '\\n'),
      HEADGATE_REGISTRY_CACHE_FILE: kept.file,
    };
    async function start() {
      const running = await headgate.start(['gateway', '--port', '0'], { env });
      const [, address = ''] = await running.says(/"adminUrl":"(\S+?)"/);
      const metrics = async () => (await fetch(`${address}/metrics`)).text();
      const versions = async () =>
        [...(await metrics()).matchAll(/^headgate_registry_version\{worker="(\d)"\} (\d+)$/gm)]
          .map(([, worker, version]) => `${worker}: ${version}`)
          .sort();
      return { running, versions };
    }
    try {
      const first = await start();
      await until('both serve it', async () => (await first.versions()).join() === '0: 1,1: 1');
      registry.publish(graphOf(products, 'v2'));
      await until('both follow', async () => (await first.versions()).join() === '0: 2,1: 2');
      await first.running[Symbol.asyncDispose]();
      registry.breakWith((request) => void request.socket.destroy());
      const second = await start();
      await until('both serve what was kept', async () => (await second.versions()).join() === '0: 2,1: 2');
      await second.running[Symbol.asyncDispose]();
    } finally {
      await products.close();
    }
  });
});
