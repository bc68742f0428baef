import { ConfigError } from '../platform/config/configError.js';
import { readConfig } from './config.js';
import { settingsOfPort } from './listeners.js';
import { reportError } from './reportError.js';
import { UsageError } from './usageError.js';

describe('what a person is told of an error', () => {
  it.each([
    ['a configuration', new ConfigError(['headgate.yaml:2: gateway.port: expected a number'])],
    ['a command line', new UsageError('--check: expected --out FILE')],
  ])('is its message for %s that cannot be used', (_what, error) => {
    expect(reportError(error)).toEqual({ text: error.message, exitCode: 2 });
  });

  it('names the port that is taken, and the setting that leads there', () => {
    const taken = (port: number) =>
      Object.assign(new Error(`listen EADDRINUSE: address already in use 127.0.0.1:${port}`), {
        code: 'EADDRINUSE',
        address: '127.0.0.1',
        port,
      });
    expect(reportError(taken(4000))).toEqual({
      text: 'port 4000 of 127.0.0.1 is taken; choose another one, in the configuration or with --port',
      exitCode: 1,
    });
    const config = readConfig(undefined, { PORT: '4010' });
    expect(reportError(taken(4001), config).text).toBe(
      'port 4001 of 127.0.0.1 is taken; choose another one: subgraphs.products.port',
    );
    // Taken by ourselves.
    expect(reportError(taken(4010), config).text).toBe(
      'port 4010 of 127.0.0.1 is taken; choose another one: gateway.port (PORT, --port), registry.port (HEADGATE_REGISTRY_PORT)',
    );
  });

  it('knows each setting of a port', () => {
    const ports = (value: unknown, path: string): string[] =>
      Object.entries(value ?? {}).flatMap(([key, inner]) => {
        const here = path === '' ? key : `${path}.${key}`;
        return key === 'port' ? [here] : typeof inner === 'object' ? ports(inner, here) : [];
      });
    const config = readConfig(undefined, { HEADGATE_METRICS_PORT: '9466' });
    for (const path of ports(config, '')) {
      const port = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], config);
      expect(settingsOfPort(config, port as number).join()).toContain(path);
    }
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
