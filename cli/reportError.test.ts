import { ConfigError } from '../platform/config/configError.js';
import { reportError } from './reportError.js';
import { UsageError } from './usageError.js';

describe('what a person is told of an error', () => {
  it.each([
    ['a configuration', new ConfigError(['headgate.yaml:2: gateway.port: expected a number'])],
    ['a command line', new UsageError('--check: expected --out FILE')],
  ])('is its message for %s that cannot be used', (_what, error) => {
    expect(reportError(error)).toEqual({ text: error.message, exitCode: 2 });
  });

  it('names the port that is taken', () => {
    const error = Object.assign(new Error('listen EADDRINUSE: address already in use 127.0.0.1:4000'), {
      code: 'EADDRINUSE',
      address: '127.0.0.1',
      port: 4000,
    });
    expect(reportError(error)).toEqual({
      text: 'port 4000 of 127.0.0.1 is taken; choose another one, in the configuration or with --port',
      exitCode: 1,
    });
  });

  it('has the cause, unless the message has it already', () => {
    const cause = new Error('ENOENT: no such file');
    const about = new Error('cannot be read from x.graphql', { cause });
    expect(reportError(about).text).toBe('cannot be read from x.graphql: ENOENT: no such file');
    const repeated = new Error('not served: ENOENT: no such file', { cause });
    expect(reportError(repeated).text).toBe('not served: ENOENT: no such file');
  });

  it('has the stack when the fault is ours', () => {
    const { text, exitCode } = reportError(new TypeError('x is not a function'));
    expect(text).toMatch(/^TypeError: x is not a function\n +at .*reportError\.test/);
    expect(exitCode).toBe(1);
    expect(reportError('thrown')).toEqual({ text: 'thrown', exitCode: 1 });
  });
});
