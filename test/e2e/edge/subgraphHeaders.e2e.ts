import { IDENTITY_HEADER, verifyIdentity } from '../../../platform/identity.js';
import { echoSubgraph } from '../../support/echoSubgraph.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const subgraphs = [echoSubgraph];
const SECRET = 'a secret of the test suite';

describe('headers to subgraphs', () => {
  it('are the allow-listed ones of the client, and no other', async () => {
    await using gateway = await startGatewayTester({
      subgraphs,
      config: { propagateHeaders: ['Authorization', 'accept-language'] },
    });
    await gateway.query(
      '{ hello }',
      {},
      {
        authorization: 'Bearer t',
        'accept-language': 'de',
        cookie: 'session=1',
        'x-internal': 'yes',
        'user-agent': 'test',
        'x-forwarded-for': '10.0.0.1',
      },
    );
    const headers = gateway.subgraph('echo').received[0]?.headers ?? {};
    expect(headers).toMatchObject({ authorization: 'Bearer t', 'accept-language': 'de' });
    expect(Object.keys(headers).sort()).toEqual([
      'accept',
      'accept-language',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'headgate-timeout-ms',
      'host',
      'x-request-id',
    ]);
  });

  it('are none of the client by default', async () => {
    await using gateway = await startGatewayTester({ subgraphs });
    await gateway.query('{ hello }', {}, { authorization: 'Bearer t', cookie: 'session=1' });
    const headers = gateway.subgraph('echo').received[0]?.headers;
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('cookie');
  });

  it('never include those that frame the message, even when they are listed', async () => {
    await using gateway = await startGatewayTester({
      subgraphs,
      config: {
        propagateHeaders: ['host', 'content-length', 'accept', 'content-type', 'te', 'x-request-id'],
      },
    });
    const { data } = await gateway.query(
      '{ hello }',
      {},
      { accept: 'application/json', 'x-request-id': 'one' },
    );
    expect(data).toEqual({ hello: 'Hello you' });
    expect(gateway.subgraph('echo').received[0]?.headers).toMatchObject({
      host: new URL(gateway.subgraph('echo').url).host,
      accept: 'application/graphql-response+json, application/json',
      'x-request-id': 'one',
    });
  });

  it('never carry an identity that a client sent', async () => {
    await using gateway = await startGatewayTester({
      subgraphs,
      config: { propagateHeaders: [IDENTITY_HEADER], identity: { secret: SECRET } },
    });
    await gateway.query('{ hello }', {}, { [IDENTITY_HEADER]: 'forged' });
    expect(gateway.subgraph('echo').received[0]?.headers).not.toHaveProperty(IDENTITY_HEADER);
  });

  it('carry the identity that the trusted header names, signed', async () => {
    await using gateway = await startGatewayTester({
      subgraphs,
      config: { identity: { trustedHeader: 'X-User', secret: SECRET } },
    });
    await gateway.query('{ hello }', {}, { 'x-user': 'ada', [IDENTITY_HEADER]: 'forged' });
    await gateway.query('{ hello }');
    const [known, unknown] = gateway.subgraph('echo').received;
    expect(verifyIdentity(known?.headers[IDENTITY_HEADER]?.toString(), SECRET)).toEqual({ subject: 'ada' });
    expect(known?.headers).not.toHaveProperty('x-user');
    expect(unknown?.headers).not.toHaveProperty(IDENTITY_HEADER);
  });

  it('carry no identity that could not be signed', async () => {
    await using gateway = await startGatewayTester({
      subgraphs,
      config: { identity: { trustedHeader: 'x-user' } },
    });
    await gateway.query('{ hello }', {}, { 'x-user': 'ada' });
    expect(gateway.subgraph('echo').received[0]?.headers).not.toHaveProperty(IDENTITY_HEADER);
  });
});
