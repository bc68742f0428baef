import { defaultFetchCacheSettings } from './fetchCacheSettings.js';
import { keyedHeaders, loadHeaders } from './loadHeaders.js';

const client = {
  'accept-language': 'de',
  'x-request-id': 'r1',
  traceparent: 't1',
  'x-secret': 's',
  'headgate-identity': 'signed',
  'headgate-after': 'forged@0000000000000001',
};

function sent(settings: Partial<typeof defaultFetchCacheSettings>, after?: string) {
  const all = { ...defaultFetchCacheSettings, ...settings };
  return loadHeaders(client, keyedHeaders(client, all), all, after);
}

describe('a load', () => {
  it('is sent the listed headers, which are in its key, and what only follows the request', () => {
    expect(sent({ propagateHeaders: ['accept-language', 'x-missing'] })).toEqual({
      'accept-language': 'de',
      'x-request-id': 'r1',
      traceparent: 't1',
    });
  });

  it('is sent the identity only where configured, whatever is listed', () => {
    expect(sent({ propagateHeaders: ['headgate-identity'] })).not.toHaveProperty('headgate-identity');
    expect(sent({ forwardIdentity: true })).toHaveProperty('headgate-identity', 'signed');
  });

  it('keeps headers that follow the request out of the key, also when they are listed', () => {
    const settings = { ...defaultFetchCacheSettings, propagateHeaders: ['traceparent', 'x-request-id'] };
    expect(keyedHeaders(client, settings)).toEqual({});
  });

  it('says how new its data must be, and believes no client about it', () => {
    expect(sent({}, 'rs@00000000000000ff')).toHaveProperty('headgate-after', 'rs@00000000000000ff');
    expect(sent({})).not.toHaveProperty('headgate-after');
    expect(sent({ propagateHeaders: ['headgate-after'] })).not.toHaveProperty('headgate-after');
  });
});
