import { GraphQLError } from 'graphql';
import { federationLink } from '../../support/federationLink.js';
import { startGatewayTester } from '../../support/gatewayTester.js';
import { recordingLogger } from '../../support/recordingLogger.js';

function refuse(message: string, extensions: Record<string, unknown>) {
  return () => {
    throw new GraphQLError(message, { extensions });
  };
}
const shop = {
  name: 'shop',
  typeDefs: `${federationLink()}
    type Query { crash: Int coded: Int internal: Int teapot: Int old: Int }`,
  resolvers: {
    Query: {
      crash: () => {
        throw new Error('connect to db-7.internal failed');
      },
      coded: refuse('coupon: has expired', { code: 'COUPON_EXPIRED', argument: 'coupon' }),
      internal: refuse('db-7.internal is full', { code: 'INTERNAL_SERVER_ERROR', hint: 'db-7.internal' }),
      teapot: refuse('short and stout', { code: 'TEAPOT', http: { status: 418 } }),
      old: refuse('no', {
        code: 'OLD_SERVER',
        stacktrace: ['at db-7.internal'],
        exception: { stacktrace: ['at db-7.internal'] },
      }),
    },
  },
};
const graph = { subgraphs: [shop] };

describe('errors of subgraphs', () => {
  it.each(['crash', 'internal'])('are masked when they were not meant for clients: %s', async (field) => {
    const { logger, lines } = recordingLogger();
    await using gateway = await startGatewayTester({ ...graph, logger });
    const { status, data, errors } = await gateway.query(`{ ${field} }`, {}, { 'x-request-id': 'r-1' });
    expect({ status, data }).toEqual({ status: 200, data: { [field]: null } });
    expect(errors).toEqual([
      {
        message: 'Internal server error',
        path: [field],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r-1' },
      },
    ]);
    const logged = lines.filter((line) => JSON.stringify(line).includes('db-7.internal'));
    expect(logged).toMatchObject([{ level: 50, requestId: 'r-1', path: [field] }]);
  });

  it('keep their message when the configuration says so', async () => {
    await using gateway = await startGatewayTester({ ...graph, config: { exposeSubgraphErrors: true } });
    const { errors } = await gateway.query('{ crash internal }');
    expect(errors).toMatchObject([
      { message: 'connect to db-7.internal failed', path: ['crash'] },
      {
        message: 'db-7.internal is full',
        path: ['internal'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', hint: 'db-7.internal' },
      },
    ]);
  });

  it('pass with all they carry when they name a code', async () => {
    const { logger, lines } = recordingLogger();
    await using gateway = await startGatewayTester({ ...graph, logger });
    const { errors } = await gateway.query('{ coded }');
    expect(errors).toMatchObject([
      {
        message: 'coupon: has expired',
        path: ['coded'],
        extensions: { code: 'COUPON_EXPIRED', argument: 'coupon' },
      },
    ]);
    expect(lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });

  it('do not decide the HTTP status of the whole answer', async () => {
    await using gateway = await startGatewayTester(graph);
    const { status, errors } = await gateway.query('{ teapot }');
    expect(status).toBe(200);
    expect(errors).toMatchObject([{ message: 'short and stout', extensions: { code: 'TEAPOT' } }]);
  });

  it('never carry a stack trace to clients', async () => {
    await using gateway = await startGatewayTester(graph);
    const { errors } = await gateway.query('{ old }');
    expect(errors).toMatchObject([{ message: 'no', extensions: { code: 'OLD_SERVER' } }]);
    expect(JSON.stringify(errors)).not.toContain('db-7.internal');
  });
});
