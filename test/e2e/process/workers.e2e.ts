import { compileHeadgate, type HeadgateProgram } from '../../support/headgateProgram.js';
import { held } from '../../support/held.js';
import { parsePrometheus } from '../../support/parsePrometheus.js';
import { until } from '../../support/until.js';
import {
  ACK_DEADLINE_MS,
  type Connection,
  isRunning,
  PAGE,
  startWorkersStory,
  WORKERS,
  type WorkersStory,
  workersEnvironment,
} from './workersStory.js';

const isRead = ({ query }: { query: string }) => !query.startsWith('mutation');
const many = (story: WorkersStory, count: number): Connection[] =>
  Array.from({ length: count }, () => story.connect());

/** Reads over and over on each connection, until it is stopped; a connection that breaks is opened anew. */
function readOverAndOver(connections: readonly Connection[]) {
  const seen = { answers: 0, hits: 0, stale: [] as string[], broken: [] as string[] };
  /** The newest price of which a mutation was acknowledged. */
  const acknowledged = { price: 0 };
  let stopped = false;
  const readers = connections.map(async (connection) => {
    while (!stopped) {
      const newest = acknowledged.price;
      try {
        const { data, cache } = await connection.ask(PAGE);
        seen.answers += 1;
        if (cache?.startsWith('hit')) seen.hits += 1;
        const price = data?.product?.price ?? -1;
        if (price < newest) seen.stale.push(`${price} after ${newest}`);
      } catch (error) {
        seen.broken.push((error as NodeJS.ErrnoException).code ?? String(error));
      }
    }
  });
  return {
    seen,
    acknowledged,
    async stop() {
      stopped = true;
      await Promise.all(readers);
      return seen;
    },
  };
}

describe('headgate gateway with several workers', () => {
  let headgate: HeadgateProgram;
  beforeAll(async () => {
    headgate = await compileHeadgate();
  });
  afterAll(() => headgate[Symbol.asyncDispose]());

  it('never returns, on any connection, what was there before a mutation that was acknowledged on another', async () => {
    await using story = await startWorkersStory(headgate);
    const connections = many(story, 24);
    await Promise.all(connections.map((connection) => connection.price()));
    // Each worker has a memory of its own, and all of them are in use.
    expect(story.products.received.filter(isRead)).toHaveLength(WORKERS);

    const reading = readOverAndOver(connections);
    const writers = many(story, WORKERS);
    for (let price = 1; price <= 60; price++) {
      await writers[price % WORKERS]?.setPrice(price);
      reading.acknowledged.price = price;
      const atOnce = await Promise.all(writers.map((writer) => writer.price()));
      expect(atOnce).toEqual(writers.map(() => price));
    }
    const { answers, hits, stale, broken } = await reading.stop();
    expect({ stale, broken }).toEqual({ stale: [], broken: [] });
    expect(answers).toBeGreaterThan(500);
    expect(hits).toBeGreaterThan(answers / 4);
  });

  it('goes on when a worker is killed under load, and starts another', async () => {
    await using story = await startWorkersStory(headgate);
    const connections = many(story, 24);
    const reading = readOverAndOver(connections);
    const [victim] = story.pids();
    await until('all is well', () => reading.seen.answers > 100);
    process.kill(victim as number, 'SIGKILL');
    const writer = story.connect();
    for (let price = 1; price <= 20 || story.pids().length === WORKERS; price++) {
      await writer.setPrice(price).catch(() => writer.setPrice(price));
      reading.acknowledged.price = price;
    }
    // The new one is among those that purge.
    for (let price = 1_000_000; price < 1_000_020; price++) {
      await writer.setPrice(price);
      reading.acknowledged.price = price;
    }
    const { stale, broken } = await reading.stop();
    expect(stale).toEqual([]);
    // What was under way in it, or arrived as it died, is lost; nothing else is.
    expect(broken.length).toBeLessThanOrEqual(connections.length);
    expect(story.pids()).toHaveLength(WORKERS + 1);
    const ofNewOne = await Promise.all(many(story, 9).map((connection) => connection.price()));
    expect(new Set(ofNewOne)).toEqual(new Set([1_000_019]));
  });

  it('answers a mutation while a worker is stopped, once that one is out, which happens at the deadline', async () => {
    await using story = await startWorkersStory(headgate);
    const connections = many(story, 24);
    await Promise.all(connections.map((connection) => connection.price()));
    const stopped = story.pids()[1] as number;
    process.kill(stopped, 'SIGSTOP');
    const reads = connections.map(async (connection) => {
      await connection.price();
      return connection;
    });
    // One of them is on its way to the stopped worker when that one dies.
    const newcomers = countSettled(many(story, 12).map((connection) => connection.price()));
    const alive = await Promise.any(reads);
    const before = performance.now();
    await alive.setPrice(7);
    const tookMs = performance.now() - before;
    expect(isRunning(stopped)).toBe(false);
    expect(tookMs).toBeGreaterThan(ACK_DEADLINE_MS - 500);
    expect(tookMs).toBeLessThan(ACK_DEADLINE_MS + 15_000);
    const prices = await Promise.all(many(story, 24).map((connection) => connection.price()));
    expect(prices).toEqual(Array(24).fill(7));
    const ends = await Promise.allSettled(reads);
    expect(ends.some(({ status }) => status === 'rejected')).toBe(true);
    await until('all newcomers are answered', () => newcomers.fulfilled === 12);
    await story.haveBeenReady(WORKERS + 1);
    expect(story.process.stdout).toContain('it did not acknowledge a purge');
  });

  it('at SIGTERM finishes what is under way in every worker, and ends with 0', async () => {
    await using story = await startWorkersStory(headgate);
    const hold = held();
    story.hold = hold.promise;
    const answers = many(story, 9).map((connection) => connection.price());
    await until('each worker has asked', () => story.waiting === WORKERS);
    story.process.signal('SIGTERM');
    await story.process.says(/"signal":"SIGTERM"/);
    await until('no new connection is taken', () => isRefused(story.url));
    hold.release();
    expect(await Promise.all(answers)).toEqual(Array(9).fill(0));
    expect(await story.process.exited).toEqual({ code: 0, signal: null });
    expect(story.pids().filter(isRunning)).toEqual([]);
  });

  it('lets a worker finish that is asked to end by itself, and starts another', async () => {
    await using story = await startWorkersStory(headgate);
    const hold = held();
    story.hold = hold.promise;
    const answers = many(story, 9).map((connection) => connection.price());
    await until('each worker has asked', () => story.waiting === WORKERS);
    const [asked] = story.pids();
    process.kill(asked as number, 'SIGTERM');
    await story.process.says(/"signal":"SIGTERM"/);
    hold.release();
    expect(await Promise.all(answers)).toEqual(Array(9).fill(0));
    await story.haveBeenReady(WORKERS + 1);
    expect(isRunning(asked as number)).toBe(false);
  });

  it('at SIGHUP replaces all workers, and no request fails', async () => {
    await using story = await startWorkersStory(headgate);
    const reading = readOverAndOver(many(story, 16));
    const fresh = readOnNewConnections(story);
    const writer = story.connect();
    story.process.signal('SIGHUP');
    const replaced = story.process.says(/the workers were replaced/);
    let isReplaced = false;
    void replaced.then(() => {
      isReplaced = true;
    });
    for (let price = 1; !isReplaced; price++) {
      await writer.setPrice(price);
      reading.acknowledged.price = price;
    }
    const { stale, broken } = await reading.stop();
    expect({ stale, broken, fresh: await fresh.stop() }).toEqual({ stale: [], broken: [], fresh: [] });
    expect(story.pids()).toHaveLength(2 * WORKERS);
    expect(story.pids().map(isRunning)).toEqual([
      ...Array(WORKERS).fill(false),
      ...Array(WORKERS).fill(true),
    ]);
  });

  it('comes back on the same address when all workers are killed at once', async () => {
    await using story = await startWorkersStory(headgate);
    for (const pid of story.pids()) process.kill(pid, 'SIGKILL');
    await story.haveBeenReady(2 * WORKERS);
    expect(await Promise.all(many(story, 6).map((connection) => connection.price()))).toEqual(
      Array(6).fill(0),
    );
  });

  it('is one gateway for operators: metrics by worker, a purge of all memories', async () => {
    await using story = await startWorkersStory(headgate);
    await Promise.all(many(story, 12).map((connection) => connection.price()));
    let metrics = parsePrometheus('');
    const workersOf = (name: string) =>
      new Set(metrics.get(name)?.samples.map(({ labels }) => labels['worker']));
    // One that does not answer in half a second is left out.
    await until('all tell their metrics', async () => {
      metrics = parsePrometheus(await (await fetch(`${story.adminUrl}/metrics`)).text());
      return workersOf('process_cpu_seconds_total').size === WORKERS + 1;
    });
    expect(workersOf('headgate_http_request_duration_seconds')).toEqual(new Set(['0', '1', '2']));
    expect(workersOf('process_cpu_seconds_total')).toEqual(new Set(['0', '1', '2', 'primary']));
    expect((await fetch(`${story.adminUrl}/health/ready`)).status).toBe(200);

    const asked = story.products.received.length;
    const purge = await fetch(`${story.adminUrl}/purge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tags: ['Product:id=p1'] }),
    });
    const { purged } = (await purge.json()) as { purged: { memory: number } };
    expect(purged.memory).toBeGreaterThanOrEqual(WORKERS);
    await Promise.all(many(story, 12).map((connection) => connection.price()));
    expect(story.products.received.length - asked).toBe(WORKERS);
  });

  it.each([
    ['that is not there', [], 'the supergraph cannot be read from graph.graphql: ENOENT'],
    [
      'that is broken',
      ['type Query { a'],
      'graph.graphql is not a supergraph that can be served: Syntax Error',
    ],
  ])('does not start before a supergraph %s, and says why, once', async (_what, [text], message) => {
    const { code, stderr, stdout } = await headgate.run(
      ['gateway', '--supergraph', 'graph.graphql', '--port', '0'],
      {
        env: workersEnvironment(),
        files: text === undefined ? {} : { 'graph.graphql': text },
      },
    );
    expect(stderr.split('headgate: ')).toEqual(['', expect.stringContaining(message)]);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  it('does not start on a port that is taken, and says which', async () => {
    await using story = await startWorkersStory(headgate);
    const { port } = new URL(story.url);
    const { code, stderr } = await headgate.run(
      ['gateway', '--supergraph', 'graph.graphql', '--port', port],
      {
        env: workersEnvironment(),
        files: { 'graph.graphql': story.supergraphSdl },
      },
    );
    expect(stderr).toBe(
      `headgate: port ${port} of 127.0.0.1 is taken; choose another one, in the configuration or with --port\n`,
    );
    expect(code).toBe(1);
  });
});

async function isRefused(url: string): Promise<boolean> {
  try {
    // Taken and given up by the last of the workers, it would be closed only when the primary ends.
    await fetch(url.replace('/graphql', '/health/live'), { signal: AbortSignal.timeout(500) });
    return false;
  } catch (error) {
    return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';
  }
}

function countSettled(promises: readonly Promise<unknown>[]) {
  const counts = { fulfilled: 0, rejected: 0 };
  for (const promise of promises) {
    promise.then(
      () => {
        counts.fulfilled += 1;
      },
      () => {
        counts.rejected += 1;
      },
    );
  }
  return counts;
}

/** Each request on a connection of its own, as many clients without keep-alive do. */
function readOnNewConnections(story: WorkersStory) {
  const failures: string[] = [];
  let stopped = false;
  const reader = (async () => {
    while (!stopped) {
      const connection = story.connect();
      await connection.price().catch((error: Error) => failures.push(error.message));
      connection.close();
    }
  })();
  return {
    async stop() {
      stopped = true;
      await reader;
      return failures;
    },
  };
}
