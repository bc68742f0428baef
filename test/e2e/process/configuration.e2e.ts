import { readAsset } from '../../../platform/readAsset.js';
import { compileHeadgate, type HeadgateProgram } from '../../support/headgateProgram.js';

const PASSWORD = 'hunter2';

describe('a configuration that cannot be used', () => {
  let headgate: HeadgateProgram;
  beforeAll(async () => {
    headgate = await compileHeadgate();
  });
  afterAll(() => headgate[Symbol.asyncDispose]());

  it.each([['start'], ['gateway'], ['subgraph', 'products'], ['config', 'validate']])(
    'ends `headgate %s %s` with 2 and a line for each fault: file, line, key, what was expected',
    async (...args) => {
      const files = {
        'headgate.yaml': 'gateway:\n  port: 4000\n  prot: 4000\n  drainTimeoutMs: soon\n',
      };
      const { code, stdout, stderr } = await headgate.run(
        args.filter((arg) => arg !== undefined),
        { files },
      );
      expect(stderr.split('\n').sort()).toEqual([
        '',
        '  headgate.yaml:3: gateway.prot: there is no such key',
        expect.stringMatching(/^ {2}headgate\.yaml:4: gateway\.drainTimeoutMs: .*expected number/),
        'headgate: the configuration cannot be used:',
      ]);
      expect(stdout).toBe('');
      expect(code).toBe(2);
    },
  );

  it('may as well be a variable, which is then named, without its value', async () => {
    const env = { PORT: 'http', MONGODB_URI: `postgres://ada:${PASSWORD}@localhost/shop` };
    const { code, stdout, stderr } = await headgate.run(['start'], { env });
    expect(stderr).toMatch(/environment PORT: gateway\.port: .*expected number/);
    expect(stderr).toMatch(/environment MONGODB_URI: data\.mongodbUri: expected a MongoDB connection string/);
    expect(stdout + stderr).not.toContain(PASSWORD);
    expect(code).toBe(2);
  });

  it('may be a file that is not there', async () => {
    const { code, stderr } = await headgate.run(['start', '--config', 'elsewhere.yaml']);
    expect(stderr).toContain('elsewhere.yaml: cannot be read (ENOENT)');
    expect(code).toBe(2);
  });

  it('is a subgraph of its own without the secrets that it shares with the gateway', async () => {
    const { code, stderr } = await headgate.run(['subgraph', 'products']);
    expect(stderr).toContain(
      'subgraphs.feedToken: expected a secret that the gateway also has (HEADGATE_FEED_TOKEN)',
    );
    expect(stderr).toContain(
      'gateway.identity.secret: expected a secret that the gateway also has (HEADGATE_IDENTITY_SECRET)',
    );
    expect(code).toBe(2);
    const env = { HEADGATE_IDENTITY_SECRET: 'too short' };
    const short = await headgate.run(['subgraph', 'products'], { env });
    expect(short.stderr).toContain('environment HEADGATE_IDENTITY_SECRET: gateway.identity.secret: ');
    expect(short.stderr).not.toContain('too short');
    expect(short.code).toBe(2);
  });

  it.each([
    `mongodb://ada:${PASSWORD}%zz@localhost/shop`,
    `mongodb://ada:${PASSWORD}@@localhost/shop`,
    `mongodb://ada:${PASSWORD}@localhost/shop?nonsense=1`,
  ])('may be a connection string of which MongoDB makes nothing: %s', async (uri) => {
    const { code, stdout, stderr } = await headgate.run(['start'], { env: { MONGODB_URI: uri } });
    expect(stderr).toMatch(
      /products cannot use its database, see data\.mongodbUri \(MONGODB_URI\):\n {2}.*not valid/,
    );
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stdout + stderr).not.toContain(PASSWORD);
    expect(code).toBe(2);
  });

  it.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['start', '--prot', '1'], "unknown option '--prot'"],
    [['subgraph', 'nothing'], 'expected one of products, inventory, orders'],
    [['schema', 'check', '--subgraph', 'products'], "required option '--schema <file>' not specified"],
    [['gateway', '--port', '65536'], 'expected a whole number from 0 to 65535'],
  ])('ends with 2 as well where the command line is what cannot be used: %j', async (args, message) => {
    const { code, stdout, stderr } = await headgate.run(args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('is not what ends a question for help, or for the version', async () => {
    const help = await headgate.run(['schema', 'check', '--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('--context <name>');
    const { version } = JSON.parse(readAsset('package.json')) as { version: string };
    expect(await headgate.run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('may lead to no MongoDB, which is told in bounded time, by host and without the password', async () => {
    const env = { MONGODB_URI: `mongodb://ada:${PASSWORD}@127.0.0.1:1/shop` };
    const since = performance.now();
    const { code, stdout, stderr } = await headgate.run(['start', '--port', '0'], { env });
    expect(performance.now() - since).toBeLessThan(30_000);
    expect(stderr).toMatch(/products cannot use its database, .*MONGODB_URI.*\n.*127\.0\.0\.1:1/);
    expect(stdout + stderr).not.toContain(PASSWORD);
    expect(code).toBe(4);
  });
});
