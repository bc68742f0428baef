import { silentLogger } from '../../platform/logger.js';
import { createUnlistedLog } from './createUnlistedLog.js';

describe('the log of unlisted operations', () => {
  it('names each once a minute, and has a bound', () => {
    let now = 0;
    const warn = jest.fn();
    const log = createUnlistedLog({ ...silentLogger(), warn } as never, () => now);
    log('{ a }', 'web');
    log('{ a }', 'web');
    expect(warn).toHaveBeenCalledTimes(1);
    expect(JSON.stringify(warn.mock.calls)).not.toContain('{ a }');
    for (let index = 0; index < 1_000; index++) log(`{ a${index} }`, 'web');
    expect(warn).toHaveBeenCalledTimes(30);
    now = 60_000;
    log('{ a }', 'web');
    expect(warn).toHaveBeenCalledTimes(31);
  });
});
