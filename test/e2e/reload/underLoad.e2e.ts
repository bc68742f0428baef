import { gatewayConfigSchema } from '../../../gateway/config.js';
import { type RunningGateway, startGateway } from '../../../gateway/startGateway.js';
import { createConfiguredSource } from '../../../gateway/supergraph/configuredSource.js';
import type { SchemaWorker } from '../../../schema/work/schemaWorker.js';
import { createCatalogue, FIRST, STEPS, type Step } from '../../support/changeStory/catalogue.js';
import { type SteadyLoad, startSteadyLoad, summarise } from '../../support/changeStory/steadyLoad.js';
import { startSubscribers } from '../../support/changeStory/subscribers.js';
import { recordingLogger } from '../../support/recordingLogger.js';
import {
  type RegistryTester,
  startTestRegistry,
  startTestWorker,
  TOKENS,
} from '../../support/registryTester.js';
import { startTestSubgraph, type TestSubgraph } from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';
import { temporaryCacheFile } from './registryGateway.js';

/** R1, with the registry as it is: what teams publish while clients read and listen. */
interface UsageOfFields {
  readonly fields: readonly { readonly coordinate: string; readonly count: number }[];
}

describe('changes of the graph while clients read and listen', () => {
  let worker: SchemaWorker;
  let registry: RegistryTester;
  let subgraphs: readonly TestSubgraph[];
  let gateway: RunningGateway;
  let kept: Awaited<ReturnType<typeof temporaryCacheFile>>;
  const catalogue = createCatalogue();
  const { logger, lines } = recordingLogger();

  beforeAll(async () => {
    worker = startTestWorker();
    kept = await temporaryCacheFile();
    registry = await startTestRegistry({ worker });
    subgraphs = await Promise.all(catalogue.subgraphs.map(startTestSubgraph));
    expect(await take(FIRST)).toMatchObject({ status: 200 });
    const config = gatewayConfigSchema.parse({
      port: 0,
      admin: { port: 0 },
      introspection: true,
      registry: {
        url: registry.url,
        token: TOKENS.gateway,
        publicKey: (await registry.ask('nobody', '/v1/key')).body,
        cacheFile: kept.file,
        usage: { intervalMs: 500 },
      },
    });
    gateway = await startGateway({ config, source: createConfiguredSource(config, logger), logger });
  });
  afterAll(async () => {
    await gateway?.stop();
    await Promise.all(subgraphs.map((subgraph) => subgraph.close()));
    await registry[Symbol.asyncDispose]();
    await worker.close();
    await kept[Symbol.asyncDispose]();
  });

  function take({ publish, rollbackTo }: Step) {
    if (rollbackTo !== undefined) return registry.ask('admin', '/v1/rollback', { to: rollbackTo });
    const urlOf = (name: string) => subgraphs.find((subgraph) => subgraph.name === name)?.url as string;
    const schemas = Object.entries(publish ?? {});
    return registry.publish(...schemas.map(([name, schema]) => ({ name, schema, url: urlOf(name) })));
  }

  /** Until answers have been of this version alone for a while. */
  async function settles(load: SteadyLoad, version: string): Promise<void> {
    await until(
      `answers are of ${version}`,
      () =>
        load.samples.length >= 50 && load.samples.slice(-50).every((sample) => sample.version === version),
    );
  }

  it('fail no request, drop no subscription, and are each served, with the old graph until then', async () => {
    const subscribers = await startSubscribers(gateway.url, catalogue.changes);
    const load = startSteadyLoad({ url: gateway.url, maxUnderWay: 30 });
    await settles(load, 'v1');
    for (const step of STEPS) {
      const { status } = await take(step);
      expect([step.title, status]).toEqual([step.title, step.isBroken ? 422 : 200]);
      await settles(load, step.serves);
    }
    await load.stop();
    expect(await subscribers.finish()).toEqual([]);
    const failures = load.samples.flatMap(({ failure }) => (failure === undefined ? [] : [String(failure)]));
    expect(failures).toEqual([]);
    expect(summarise(load.samples)).toMatchObject({ failed: 0 });
    const served = new Set(load.samples.map(({ version }) => version));
    expect([...served]).toEqual(['v1', 'v2', 'v3', 'v4']);
    expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    // What was published reached this gateway signed by the real registry, and what was used reached the registry.
    await until('usage is known', async () => {
      const { fields } = (await registry.ask('reader', '/v1/usage/fields')).body as UsageOfFields;
      return fields.some(({ coordinate, count }) => coordinate === 'Product.price' && count > 0);
    });
  });
});
