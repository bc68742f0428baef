import { listen } from '../../../platform/http/httpServer.js';
import { silentLogger } from '../../../platform/logger.js';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import { federationLink } from '../../support/federationLink.js';
import { compileHeadgate, type HeadgateProgram } from '../../support/headgateProgram.js';
import { describeReal } from '../../support/realParts.js';
import { startRedis } from '../../support/redis.js';
import { startTestSubgraph, type TestSubgraphDefinition } from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';

/** A graph that has nothing to do with ours. */
const weather: TestSubgraphDefinition = {
  name: 'weather',
  typeDefs: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type Query { city(name: String!): City }
    type City @key(fields: "name") { name: String! degrees: Int! }
  `,
  resolvers: { Query: { city: (_: unknown, { name }: { name: string }) => ({ name, degrees: 21 }) } },
};
const people: TestSubgraphDefinition = {
  name: 'people',
  typeDefs: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type City @key(fields: "name") { name: String! inhabitants: Int! }
  `,
  resolvers: { City: { inhabitants: ({ name }: { name: string }) => name.length * 1_000 } },
};
const QUERY = '{ city(name: "Lisboa") { degrees inhabitants } }';

describe('headgate gateway', () => {
  let headgate: HeadgateProgram;
  beforeAll(async () => {
    headgate = await compileHeadgate();
  });
  afterAll(() => headgate[Symbol.asyncDispose]());

  async function startBefore(definitions: readonly TestSubgraphDefinition[]) {
    const subgraphs = await Promise.all(definitions.map(startTestSubgraph));
    const { supergraphSdl } = composeSupergraph(subgraphs);
    const running = await headgate.start(['gateway', '--supergraph', 'graph.graphql', '--port', '0'], {
      files: { 'graph.graphql': supergraphSdl },
    });
    const [, url] = await running.says(/"url":"(\S+?)"/);
    return {
      running,
      url: url as string,
      async [Symbol.asyncDispose]() {
        await running[Symbol.asyncDispose]();
        await Promise.all(subgraphs.map((subgraph) => subgraph.close()));
      },
    };
  }

  const ask = (url: string) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY }),
    });

  it('answers before subgraphs that it has never seen', async () => {
    await using graph = await startBefore([weather, people]);
    const answer = await ask(graph.url);
    expect(await answer.json()).toEqual({ data: { city: { degrees: 21, inhabitants: 6_000 } } });
  });

  it('at SIGTERM finishes the request that is under way, takes no other, and ends with 0', async () => {
    let arrived = (): void => undefined;
    const underWay = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: TestSubgraphDefinition = {
      ...people,
      async intercept(_request, _response, next) {
        arrived();
        await held;
        await next();
      },
    };
    await using graph = await startBefore([weather, slow]);
    const answer = ask(graph.url);
    await underWay;
    graph.running.signal('SIGTERM');
    await graph.running.says(/"signal":"SIGTERM"/);
    await until('it takes no other', () =>
      fetch(graph.url.replace('/graphql', '/health/ready')).then(
        () => false,
        (error: Error) => error.message === 'fetch failed',
      ),
    );
    release();
    expect(await (await answer).json()).toEqual({ data: { city: { degrees: 21, inhabitants: 6_000 } } });
    expect(await graph.running.exited).toEqual({ code: 0, signal: null });
  });

  it('ends at once at a second signal', async () => {
    let arrived = (): void => undefined;
    const underWay = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const stuck: TestSubgraphDefinition = {
      ...weather,
      intercept: (request, response) => {
        arrived();
        // Never answers; the connection goes when the gateway does.
        request.once('close', () => response.destroy());
      },
    };
    await using graph = await startBefore([stuck, people]);
    const answer = ask(graph.url).then(
      () => 'answered',
      () => 'cut off',
    );
    await underWay;
    graph.running.signal('SIGINT');
    await graph.running.says(/"signal":"SIGINT"/);
    graph.running.signal('SIGINT');
    expect(await graph.running.exited).toEqual({ code: 1, signal: null });
    expect(await answer).toBe('cut off');
  });

  it.each([
    ['without a supergraph', ['gateway'], 2, 'gateway.supergraph: expected a file or URL; give --supergraph'],
    [
      'without the file',
      ['gateway', '--supergraph', 'nowhere.graphql'],
      1,
      'the supergraph cannot be read from nowhere.graphql: ENOENT',
    ],
    [
      'before a server that is not there',
      ['gateway', '--supergraph', 'http://127.0.0.1:1/graph'],
      1,
      'the supergraph cannot be read from http://127.0.0.1:1/graph: connect ECONNREFUSED',
    ],
    [
      'with a file that is not GraphQL',
      ['gateway', '--supergraph', 'broken.graphql'],
      1,
      'broken.graphql is not a supergraph that can be served: Syntax Error',
    ],
    [
      'with a schema that is no supergraph',
      ['gateway', '--supergraph', 'plain.graphql'],
      1,
      'plain.graphql is not a supergraph that can be served (it looks like the schema of a subgraph: "headgate schema compose" makes a supergraph of those): Invalid supergraph',
    ],
    [
      'with the schema of one subgraph',
      ['gateway', '--supergraph', 'subgraph.graphql'],
      1,
      'subgraph.graphql is not a supergraph that can be served (it looks like the schema of a subgraph: "headgate schema compose" makes a supergraph of those): ',
    ],
  ])('does not start %s, and says why', async (_what, args, exitCode, message) => {
    const files = {
      'broken.graphql': 'type Query { a',
      'plain.graphql': 'type Query { a: Int }',
      'subgraph.graphql': `${federationLink('@key')} type Query { a: Int }`,
    };
    const { code, stderr } = await headgate.run([...args, ...(args.length > 1 ? ['--port', '0'] : [])], {
      files,
    });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(code).toBe(exitCode);
  });

  it('ends by itself at SIGTERM while it starts, since the first process of a container is not ended by the system', async () => {
    let asked = false;
    const silent = await listen({
      port: 0,
      drainTimeoutMs: 0,
      handler: () => {
        asked = true;
      },
      logger: silentLogger(),
    });
    try {
      await using running = await headgate.start(['gateway', '--supergraph', silent.url, '--port', '0']);
      await until('it waits for its supergraph', () => asked);
      running.signal('SIGTERM');
      expect(await running.exited).toEqual({ code: 143, signal: null });
    } finally {
      await silent.close();
    }
  });

  describeReal('redis', 'with a Redis', () => {
    it('ends when it does not start, instead of staying for the connection', async () => {
      await using redis = await startRedis();
      const env = { REDIS_URL: redis.url };
      await using running = await headgate.start(['gateway', '--supergraph', 'nowhere.graphql'], { env });
      let exit: unknown;
      void running.exited.then((how) => {
        exit = how;
      });
      await until('the process has ended', () => exit !== undefined);
      expect(exit).toEqual({ code: 1, signal: null });
    });
  });
});
