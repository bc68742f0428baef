import { generateSigningKey } from '../../../schema/graph/signing.js';
import { compileHeadgate, type HeadgateProgram } from '../../support/headgateProgram.js';
import { productsSchema } from '../../support/registryTester.js';

const TOKEN = 'a-token-for-the-products-team';
const FILES = {
  'key.pem': generateSigningKey(),
  'headgate.yaml': `metrics: { port: 0 }
registry:
  port: 0
  signingKeyFile: key.pem
  tokens:
    - { name: team-products, role: team, subgraphs: [products], token: ${TOKEN} }
`,
};

describe('headgate registry', () => {
  let headgate: HeadgateProgram;
  beforeAll(async () => {
    headgate = await compileHeadgate();
  });
  afterAll(() => headgate[Symbol.asyncDispose]());

  it('takes what a pipeline publishes and checks, says the rest by exit codes, and ends with 0', async () => {
    await using registry = await headgate.start(['registry'], { files: FILES });
    const [, url = '', metricsUrl = ''] = await registry.says(
      /"url":"(http:[^"]+)","metricsUrl":"([^"]+)".*the registry answers/,
    );
    await registry.says(/everything is kept in memory/);
    const env = { HEADGATE_REGISTRY_URL: url, HEADGATE_SCHEMA_TOKEN: TOKEN };
    const command = (name: string, schema: string, ...more: string[]) =>
      headgate.run(['schema', name, '--subgraph', 'products', '--schema', 'products.graphql', ...more], {
        env,
        files: { 'products.graphql': schema },
      });
    const address = ['--url', 'http://127.0.0.1:4001/graphql'];

    const published = await command('publish', productsSchema('price: Int'), ...address);
    expect(published).toMatchObject({
      code: 0,
      stdout: 'products was published; gateways now get v1\n',
      stderr: '',
    });
    const refused = await command('publish', 'type Query { a: Missing }', ...address);
    expect(refused).toMatchObject({ code: 5, stdout: '' });
    expect(refused.stderr).toMatch(/^headgate: products was not published/);
    const checked = await command('check', productsSchema(), '--context', 'PR-1', '--json');
    expect(checked.code).toBe(5);
    expect(JSON.parse(checked.stdout)).toMatchObject({ outcome: 'failed', against: 1 });

    expect((await fetch(`${metricsUrl}/health/ready`)).status).toBe(200);
    const metrics = await (await fetch(`${metricsUrl}/metrics`)).text();
    for (const line of [
      'headgate_schema_publications_total{outcome="published"} 1',
      'headgate_schema_publications_total{outcome="refused"} 1',
      'headgate_schema_checks_total{outcome="failed"} 1',
      'headgate_schema_gateways_waiting 0',
    ]) {
      expect(metrics).toContain(line);
    }
    expect(metrics).toMatch(
      /^headgate_schema_work_duration_seconds_count\{kind="compose",outcome="done"\} [1-9]/m,
    );
    expect(metrics).toMatch(
      /^headgate_http_request_duration_seconds_count\{method="POST",status="2xx"\} [1-9]/m,
    );

    registry.signal('SIGTERM');
    expect(await registry.exited).toEqual({ code: 0, signal: null });
  });

  it('does not start without a key or a token, and says how to get them', async () => {
    const withoutTokens = await headgate.run(['registry'], { files: { 'key.pem': FILES['key.pem'] } });
    expect(withoutTokens.code).toBe(2);
    expect(withoutTokens.stderr).toContain('registry.tokens: expected at least one token');
    const withoutKey = await headgate.run(['registry'], {
      files: { 'headgate.yaml': FILES['headgate.yaml'].replace(/ *signingKeyFile.*\n/, '') },
    });
    expect(withoutKey.code).toBe(2);
    expect(withoutKey.stderr).toContain('openssl genpkey -algorithm ed25519');
  });
});
