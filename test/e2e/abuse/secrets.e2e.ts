import { Writable } from 'node:stream';
import { ENVIRONMENT_KEYS, readConfig } from '../../../cli/config.js';
import { databaseFault } from '../../../cli/databaseFault.js';
import { reportError } from '../../../cli/reportError.js';
import { type GatewayConfigInput, gatewayConfigSchema } from '../../../gateway/config.js';
import { startGateway } from '../../../gateway/startGateway.js';
import { createConfiguredSource } from '../../../gateway/supergraph/configuredSource.js';
import { openDatabase } from '../../../platform/database/openDatabase.js';
import { createLogger } from '../../../platform/logger.js';
import { withoutCredentials } from '../../../platform/withoutCredentials.js';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import { createSmtpMailer } from '../../../subgraphs/orders/mail/smtpMailer.js';
import { createBullmqQueue } from '../../../subgraphs/orders/queue/bullmqQueue.js';
import { GATEWAY_TOKEN, startFakeRegistry } from '../../support/fakeRegistry.js';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { QUICK_RETRY } from '../../support/jobQueueContract.js';
import { describeReal, realMongodbUri } from '../../support/realParts.js';
import { startRedis } from '../../support/redis.js';
import { startTestIssuer } from '../../support/testIssuer.js';
import { startTestSubgraph } from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';

/**
 * Every secret of these tests has this in it, so that one look finds any of them.
 * Of traces, `test/e2e/observability/traces.e2e.ts` says the same.
 */
const MARK = 'hunter2';
const secret = (what: string) => `${MARK}-${what}-0123456789`;

/** What a subgraph writes into its errors is logged as it came: so they are found. Clients and traces never get it. */
const ECHO = 'a subgraph that repeats what it got:';

function recording() {
  let text = '';
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return {
    logger: createLogger({ name: 'test', level: 'trace', format: 'json', destination }),
    log: () => text,
  };
}

function expectNoSecret(where: string, text: string): void {
  const found = text.indexOf(MARK);
  expect([where, found < 0 ? '' : text.slice(Math.max(0, found - 200), found + 100)]).toEqual([where, '']);
}

describe('a configuration that cannot be used', () => {
  const secrets = Object.keys(ENVIRONMENT_KEYS).filter((name) =>
    /TOKEN|SECRET|URI$|REDIS_URL|SMTP|SIGNING_KEY$|PUBLIC_KEY/.test(name),
  );

  it.each(secrets)('is told without the value of %s', (name) => {
    // Of the wrong form for each of them: too short, with a space, of no protocol that is known.
    for (const value of [MARK, `${MARK} with\na line`, `nothing://user:${MARK}@host`, `redis:${MARK}`]) {
      let told = '';
      try {
        readConfig(undefined, { [name]: value });
      } catch (error) {
        told = reportError(error).text;
      }
      expectNoSecret(name, told);
    }
  });

  it('names them all', () => {
    expect(secrets.length).toBeGreaterThan(12);
  });
});

describe('what cannot be connected', () => {
  it.each([
    `mongodb://user:${MARK}@127.0.0.1:1/shop?serverSelectionTimeoutMS=100`,
    `mongodb://user:${MARK}@127.0.0.1:notaport/shop`,
    `mongodb://user:${MARK}@@127.0.0.1/shop`,
    `mongodb://user:${MARK}%@127.0.0.1/shop?nothing=1`,
    `mongodb://user:${MARK}/x@127.0.0.1:27017/shop`,
  ])('is told without its password: %s', async (uri) => {
    const error = await openDatabase({ name: 'shop', uri }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    const { logger, log } = recording();
    logger.error({ err: error }, 'no database');
    expectNoSecret('log', log());
    expectNoSecret('CLI', withoutCredentials(reportError(databaseFault('products', error)).text));
  });

  it('is told without the password of mail', async () => {
    const mailer = createSmtpMailer({ url: `smtp://user:${MARK}@127.0.0.1:1`, from: 'a@b.test' });
    const mail = { messageId: 'a@b.test', to: 'c@d.test', subject: 'x', text: 'y' };
    const error = await mailer.send(mail).catch((reason: unknown) => reason);
    const { logger, log } = recording();
    logger.error({ err: error, mailer: mailer.description }, 'no mail');
    await mailer.close();
    expect(log()).toContain('ECONNREFUSED');
    expectNoSecret('log', log());
  });
});

describeReal('mongodb', 'a MongoDB that does not know the user', () => {
  it('is told without the password', async () => {
    const uri = realMongodbUri().replace('mongodb://', `mongodb://user:${MARK}@`);
    const error = await openDatabase({ name: 'shop', uri }).catch((reason: unknown) => reason);
    const { logger, log } = recording();
    logger.error({ err: error }, 'no database');
    expect(log()).toMatch(/[Aa]uthentication/);
    expectNoSecret('log', log());
    expectNoSecret('CLI', withoutCredentials(reportError(databaseFault('products', error)).text));
  });
});

describeReal('redis', 'a Redis that does not know the password', () => {
  it('is told without it, by the queue and by the cache', async () => {
    await using redis = await startRedis({ args: ['--requirepass', 'another-password'] });
    const url = redis.url.replace('redis://', `redis://:${MARK}@`);
    const { logger, log } = recording();
    const queue = createBullmqQueue({
      url,
      retry: QUICK_RETRY,
      deadlineMs: 1_000,
      logger,
    });
    const error = await queue.add({ id: 'a', orderId: 'b' }).catch((reason: unknown) => reason);
    logger.error({ err: error, cause: { err: error } }, `no queue: ${queue.description}`);
    await until('the queue has told it', () => log().includes('WRONGPASS'));
    await queue.close();
    const subgraph = await startTestSubgraph({ name: 'a', typeDefs: 'type Query { a: Int }', resolvers: {} });
    await using registry = await startFakeRegistry(composeSupergraph([subgraph]).supergraphSdl);
    const config = gatewayConfigSchema.parse({
      port: 0,
      admin: { port: 0 },
      registry: { ...registry.connection, cacheFile: '/dev/null/nowhere.json' },
      cache: { redisUrl: url },
      rateLimits: { rules: [{ by: 'address', limit: 9, perSeconds: 9 }] },
    });
    const gateway = await startGateway({ config, source: createConfiguredSource(config, logger), logger });
    await until('the cache has told it', () => log().split('WRONGPASS').length > 2);
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    await gateway.stop();
    await subgraph.close();
    expectNoSecret('log', log());
    expectNoSecret('metrics', metrics);
  });
});

describe('a gateway with a secret in every place', () => {
  it('lets none of them out, whatever is asked and whatever fails', async () => {
    await using issuer = await startTestIssuer();
    let broken: 'none' | 'echo' | 'reset' | 'garbage' = 'none';
    const subgraph = await startTestSubgraph({
      name: 'people',
      typeDefs: `type Query { person(name: String!): Person pin(input: Pin!): String }
        input Pin { value: String! }
        type Person { name: String }`,
      resolvers: {
        Query: {
          person: (_: unknown, { name }: { name: string }) => ({ name: name.length }),
          pin: () => null,
        },
      },
      async intercept(request, response, next) {
        const { headers } = request;
        if (broken === 'reset') return void request.socket.destroy();
        if (broken === 'garbage') return void response.end(JSON.stringify(headers));
        if (broken === 'echo') {
          const errors = [{ message: `${ECHO} ${JSON.stringify(headers)}` }];
          response.setHeader('content-type', 'application/json');
          return void response.end(JSON.stringify({ data: null, errors }));
        }
        await next();
      },
    });
    await using registry = await startFakeRegistry(composeSupergraph([subgraph]).supergraphSdl);
    const { logger, log } = recording();
    const given: GatewayConfigInput = {
      port: 0,
      introspection: false,
      admin: { port: 0, token: secret('admin') },
      registry: {
        ...registry.connection,
        url: registry.url.replace('http://', `http://user:${MARK}@`),
        cacheFile: '/dev/null/nowhere.json',
        usage: { intervalMs: 1_000 },
      },
      identity: { secret: secret('identity'), jwt: issuer.jwtConfig },
      explorer: { enabled: true, trace: true, token: secret('explorer') },
      cache: {
        explain: true,
        feedToken: secret('feed'),
        tokenSecret: secret('consistency'),
        redisUrl: `redis://:${MARK}@127.0.0.1:1`,
      },
      propagateHeaders: ['x-session'],
      rateLimits: { mode: 'warn', rules: [{ by: 'address', limit: 1, perSeconds: 60 }] },
      limits: { maxDepth: 3 },
      subgraphs: { byName: { people: { feedUrl: `ws://user:${MARK}@127.0.0.1:1/invalidations` } } },
    };
    const config = gatewayConfigSchema.parse(given);
    const gateway = await startGateway({ config, source: createConfiguredSource(config, logger), logger });
    const told: [string, string][] = [];
    const hear = async (what: string, response: Response) => {
      const { status, headers } = response;
      const text = await response.text();
      told.push([what, `${status} ${JSON.stringify([...headers])} ${text}`]);
      return { status, text };
    };

    const token = await issuer.token('ada', { claims: { note: secret('claim') } });
    const clientHeaders = {
      authorization: `Bearer ${token}`,
      cookie: `session=${secret('cookie')}`,
      'x-session': secret('session'),
      'headgate-cache-explain': '1',
      'headgate-trace': '1',
      'headgate-explorer-token': secret('explorer'),
      'content-type': 'application/json',
    };
    const ask = async (what: string, body: object, headers: Record<string, string> = {}) =>
      hear(
        what,
        await fetch(`${gateway.url}/graphql`, {
          method: 'POST',
          headers: { ...clientHeaders, ...headers },
          body: JSON.stringify(body),
        }),
      );
    const person = {
      query: 'query P($name: String!) { person(name: $name) { name } }',
      variables: { name: secret('variable') },
    };
    const literal = { query: `{ person(name: "${secret('literal')}") { name } }` };

    expect((await ask('success', person)).status).toBe(200);
    await ask('hit', person);
    await ask('literal', literal);
    for (const fault of ['echo', 'reset', 'garbage'] as const) {
      broken = fault;
      const name = secret(fault);
      await ask(`subgraph: ${fault}`, { ...person, variables: { name } });
    }
    broken = 'none';
    await ask('too deep', { query: '{ a { b { c { d } } } }', variables: { a: secret('deep') } });
    await ask('invalid variable', { query: person.query, variables: { nobody: secret('unused') } });
    await ask('bad token', person, { authorization: `Bearer ${secret('token')}` });
    await ask('other scheme', person, { authorization: `Basic ${secret('basic')}` });
    await ask('no JSON', {}, { 'content-type': secret('type') });
    await ask('unknown hash', { extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } });
    await ask('stream', { query: `subscription { a }` }, { accept: 'text/event-stream' });
    for (const path of ['/health/ready', '/graphiql', '/nowhere']) {
      await hear(path, await fetch(`${gateway.url}${path}`, { headers: clientHeaders }));
    }
    for (const [path, authorization] of [
      ['/metrics', ''],
      ['/health/ready', ''],
      ['/purge', `Bearer ${secret('guess')}`],
      ['/purge', `Bearer ${secret('admin')}`],
    ] as const) {
      const method = path === '/purge' ? 'POST' : 'GET';
      const body = method === 'POST' ? '[]' : null;
      const headers = { authorization, 'content-type': 'application/json' };
      await hear(`admin ${path}`, await fetch(`${gateway.adminUrl}${path}`, { method, headers, body }));
    }
    const socket = graphqlSocketClient(`${gateway.url}/graphql`, {
      authorization: `Bearer ${secret('socket')}`,
    });
    const closed = await new Promise<unknown>((resolve) => {
      const sink = { next: () => undefined, complete: () => resolve(undefined), error: resolve };
      socket.subscribe({ query: '{ __typename }' }, sink);
    });
    told.push(['WebSocket', JSON.stringify(closed, ['code', 'reason', 'message'])]);
    await socket.dispose();
    registry.breakWith((request) => void request.socket.destroy());
    await until('the registry is missed', () => log().includes('the registry cannot be followed'));
    await until('usage was told', () => registry.usage.length > 0);
    await gateway.stop();
    await subgraph.close();

    const ownLog = log()
      .split('\n')
      .filter((line) => !line.includes(ECHO))
      .join('\n');
    // What a client wrote itself may come back to it, and nowhere else: here nothing of it does.
    for (const [what, text] of told) expectNoSecret(what, text);
    expectNoSecret('log', ownLog);
    expectNoSecret('usage', JSON.stringify(registry.usage));
    for (const where of [ownLog, JSON.stringify(told)]) {
      expect(where).not.toContain(GATEWAY_TOKEN);
      // The signature of the token that was good.
      expect(where).not.toContain(token.split('.')[2]);
    }
  });
});
