import { silentLogger } from '../../platform/logger.js';
import { createFollowed, type Followed, type Given } from './followed.js';

const NEVER_MS = 2 ** 30;

describe('what gateways follow', () => {
  let followed: Followed<Given>;
  afterEach(() => followed.close());

  it('is told to who waits when somebody else asks first after another process changed it', async () => {
    let given = { revision: 1, hash: 'old' };
    followed = createFollowed({
      current: async () => given,
      revision: async () => given.revision,
      pollMs: NEVER_MS,
      logger: silentLogger(),
    });
    await followed.current();
    const { signal } = new AbortController();
    const waiting = followed.next('old', NEVER_MS, signal);
    expect(followed.waiting).toBe(1);
    given = { revision: 2, hash: 'new' };
    expect(await followed.next(undefined, NEVER_MS, signal)).toBe(given);
    expect(await waiting).toBe(given);
  });
});
