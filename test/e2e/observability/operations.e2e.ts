import { type GatewayConfigInput, gatewayConfigSchema } from '../../../gateway/config.js';
import { startGateway } from '../../../gateway/startGateway.js';
import { createStaticSource } from '../../../gateway/supergraph/staticSource.js';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import { held } from '../../support/held.js';
import { parsePrometheus } from '../../support/parsePrometheus.js';
import { recordingLogger } from '../../support/recordingLogger.js';
import { startTestSubgraph } from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';

const typeDefs = 'type Query { slow(id: ID): Int }';

async function startMeasured(config: GatewayConfigInput = {}) {
  const hold = held();
  const subgraph = await startTestSubgraph({
    name: 'numbers',
    typeDefs,
    resolvers: { Query: { slow: () => hold.promise.then(() => 1) } },
  });
  const log = recordingLogger();
  const gateway = await startGateway({
    config: gatewayConfigSchema.parse({ port: 0, admin: { port: 0 }, ...config }),
    source: createStaticSource(composeSupergraph([subgraph]).supergraphSdl),
    logger: log.logger,
  });
  return {
    hold,
    log,
    /** From when the subgraph has been asked: until then the time is the gateway's own. */
    async holdFor(ms: number) {
      await until('the subgraph is asked', () => subgraph.received.length > 0);
      setTimeout(() => hold.release(), ms);
    },
    async ask(query: string, variables?: object) {
      const answer = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      return answer.json();
    },
    async samples(name: string) {
      const families = parsePrometheus(await (await fetch(`${gateway.adminUrl}/metrics`)).text());
      return families.get(name)?.samples ?? [];
    },
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      await subgraph.close();
    },
  };
}

describe('metrics of operations', () => {
  it('tell listed operations apart, and put all others together', async () => {
    await using system = await startMeasured({ observability: { operations: ['Known'] } });
    system.hold.release();
    await system.ask('query Known { slow }');
    await system.ask('query Invented { slow(id: 1) }');
    await system.ask('{ slow(id: 2) }');
    const counts = (await system.samples('headgate_operation_duration_seconds'))
      .filter(({ name }) => name.endsWith('_count'))
      .map(({ labels, value }) => ({ ...labels, value }));
    expect(counts).toEqual([
      { operation: 'Known', kind: 'query', value: 1 },
      { operation: 'other', kind: 'query', value: 2 },
    ]);
  });

  it('have the time of subgraphs apart from the gateway’s own', async () => {
    await using system = await startMeasured();
    const asked = system.ask('{ slow }');
    await system.holdFor(300);
    await asked;
    const sum = async (name: string) =>
      (await system.samples(name)).find((sample) => sample.name === `${name}_sum`)?.value ?? 0;
    const whole = await sum('headgate_operation_duration_seconds');
    const own = await sum('headgate_gateway_overhead_seconds');
    expect(whole).toBeGreaterThan(0.25);
    expect(whole - own).toBeGreaterThan(0.25);
  });

  it('count plans that were made and plans that were found', async () => {
    await using system = await startMeasured();
    system.hold.release();
    await system.ask('query A($id: ID) { slow(id: $id) }', { id: 1 });
    await system.ask('query A($id: ID) { slow(id: $id) }', { id: 2 });
    const plans = await system.samples('headgate_plans_total');
    expect(Object.fromEntries(plans.map(({ labels, value }) => [labels['outcome'], value]))).toEqual({
      hit: 1,
      made: 1,
      failed: 0,
    });
  });

  it('count errors of clients by their code, those before GraphQL too', async () => {
    await using system = await startMeasured({ maxBodyBytes: 1024 });
    await system.ask('{ noSuchField }');
    await system.ask(`{ slow } #${'x'.repeat(2000)}`);
    const errors = await system.samples('headgate_errors_total');
    expect(Object.fromEntries(errors.map(({ labels, value }) => [labels['code'], value]))).toEqual({
      GRAPHQL_VALIDATION_FAILED: 1,
      REQUEST_TOO_LARGE: 1,
    });
  });
});

describe('the log of slow operations', () => {
  it('is empty by default', async () => {
    await using system = await startMeasured();
    system.hold.release();
    await system.ask('{ slow }');
    expect(system.log.lines.filter(({ msg }) => msg === 'a slow operation')).toEqual([]);
  });

  it('has variables where they are allowed', async () => {
    await using system = await startMeasured({ observability: { slowOperationMs: 1, logVariables: true } });
    const asked = system.ask('query A($id: ID) { slow(id: $id) }', { id: 'x' });
    await system.holdFor(20);
    await asked;
    const line = system.log.lines.find(({ msg }) => msg === 'a slow operation');
    expect(line).toMatchObject({ operation: 'A', variables: { id: 'x' }, requestId: expect.any(String) });
  });
});
