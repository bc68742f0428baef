import { Writable } from 'node:stream';
import { createLogger, type LogOptions, silentLogger } from './logger.js';

function capture(options: Partial<LogOptions> = {}) {
  let text = '';
  const logger = createLogger({
    name: 'test',
    format: 'json',
    destination: new Writable({
      write(line: Buffer, _encoding, done) {
        text += line.toString();
        done();
      },
    }),
    ...options,
  });
  return { logger, text: () => text };
}

const SECRET = 'hunter2';
const KEYS = ['authorization', 'cookie', 'password', 'token', 'secret', 'feedToken', 'identitySecret', 'uri'];

describe('the log', () => {
  it('writes one JSON object per line, with the name of the process', () => {
    const { logger, text } = capture();
    logger.info({ port: 4000 }, 'listening');
    logger.warn('careful');
    const lines = text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { level: 30, name: 'test', port: 4000, msg: 'listening' },
      { level: 40, name: 'test', msg: 'careful' },
    ]);
  });

  it('leaves out what is below its level', () => {
    const { logger, text } = capture({ level: 'warn' });
    logger.info('too much');
    logger.error('enough');
    expect(text()).not.toContain('too much');
    expect(text()).toContain('enough');
  });

  it('never shows the arguments of a command that Redis refused, nor the password of an address', () => {
    const { logger, text } = capture();
    const refused = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: [SECRET] } });
    const at = `redis://user:${SECRET}@cache.internal:6379/0`;
    logger.warn({ err: refused, at, places: [at] }, `no Redis at ${at}`);
    expect(text()).not.toContain(SECRET);
    const line = JSON.parse(text());
    expect(line).toMatchObject({ msg: 'no Redis at redis://[secret]@cache.internal:6379/0' });
    expect(line.err).toMatchObject({ message: 'WRONGPASS', command: 'auth' });
  });

  it('never shows them of an error within another, either', () => {
    const { logger, text } = capture();
    const refused = () =>
      Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: [SECRET] } });
    const lastNodeError = Object.assign(new AggregateError([refused()], 'all refused'), { cause: refused() });
    const circular = Object.assign(new Error('no node'), {
      lastNodeError,
      previousErrors: [refused()],
      all: [{}],
    });
    circular.all.push(circular);
    logger.warn({ err: circular });
    expect(text()).not.toContain(SECRET);
    const { err } = JSON.parse(text());
    expect(err.previousErrors).toMatchObject([{ command: 'auth' }]);
    expect(err.lastNodeError.aggregateErrors).toMatchObject([{ message: 'WRONGPASS', command: 'auth' }]);
  });

  it.each([`a@${SECRET}`, `it's-${SECRET}`, `@@${SECRET}@`])(
    'never shows a password that was not encoded: %s',
    (password) => {
      const { logger, text } = capture();
      logger.info({ from: `x redis://me:${password}@one,redis://me:${password}@two/0 a@b` });
      expect(JSON.parse(text()).from).toBe('x redis://[secret]@one,redis://[secret]@two/0 a@b');
    },
  );

  it.each(KEYS)('never shows what stands under %s, at any of three levels', (key) => {
    const { logger, text } = capture();
    logger.info({ [key]: SECRET, a: { [key]: SECRET, b: { [key]: SECRET } } }, 'nested');
    expect(text()).not.toContain(SECRET);
    expect(text().match(/\[secret\]/g)).toHaveLength(3);
  });

  it('never shows secrets of a configuration or of the headers of a request', () => {
    const { logger, text } = capture();
    logger.info({
      config: { identity: { secret: SECRET, trustedHeader: 'x-user' }, subgraphs: { feedToken: SECRET } },
      request: { headers: { authorization: SECRET, cookie: SECRET, host: 'here' } },
    });
    expect(text()).not.toContain(SECRET);
    expect(text()).toContain('x-user');
  });

  it('never shows secrets that an error carries', () => {
    const { logger, text } = capture();
    logger.error({ err: Object.assign(new Error('no connection'), { uri: SECRET, password: SECRET }) });
    expect(text()).toContain('no connection');
    expect(text()).not.toContain(SECRET);
  });

  it('hides the same from children and on terminals', () => {
    const json = capture();
    json.logger.child({ token: SECRET }).info('from a child');
    const pretty = capture({ format: 'pretty' });
    pretty.logger.info({ a: { password: SECRET } }, 'on a terminal');
    expect(json.text()).toContain('from a child');
    expect(pretty.text()).toContain('on a terminal');
    expect(json.text() + pretty.text()).not.toContain(SECRET);
  });

  it('is silent where it is told to be', () => {
    expect(silentLogger().isLevelEnabled('fatal')).toBe(false);
  });
});
