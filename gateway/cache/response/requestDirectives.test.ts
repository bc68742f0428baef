import { requestDirectives } from './requestDirectives.js';

describe('requestDirectives', () => {
  it.each([
    ['nothing', undefined, undefined, true, true],
    ['no-cache', 'No-Cache', undefined, false, true],
    ['max-age=0, as browsers send on reload', 'max-age=0', undefined, false, true],
    ['no-store', 'no-store', undefined, false, false],
    ['several', 'max-stale, no-store , no-cache', undefined, false, false],
    ['what we do not serve', 'only-if-cached, max-age=10', undefined, true, true],
    ['the old header', undefined, 'no-cache', false, true],
    ['the old header beside a new one', 'max-age=10', 'no-cache', true, true],
  ])('reads %s', (_what, cacheControl, pragma, mayRead, mayStore) => {
    expect(requestDirectives(cacheControl, pragma)).toEqual({ mayRead, mayStore });
  });
});
