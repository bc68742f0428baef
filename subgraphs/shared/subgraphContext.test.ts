import { signIdentity } from '../../platform/identity.js';
import { silentLogger } from '../../platform/logger.js';
import { createSubgraphContext } from './subgraphContext.js';

const SECRET = 'a-secret';
const contextOf = (headers: Record<string, unknown>) =>
  createSubgraphContext({
    requestId: 'r1',
    header: (name) => headers[name],
    identitySecret: SECRET,
    logger: silentLogger(),
  });

describe('the context of a request', () => {
  it('knows who asks when the gateway signed it', () => {
    const identity = { subject: 'ada' };
    expect(contextOf({ 'headgate-identity': signIdentity(identity, SECRET) }).identity).toEqual(identity);
  });

  it.each([undefined, '', 'ada', 7, signIdentity({ subject: 'ada' }, 'another-secret')])(
    'knows nobody by %p',
    (header) => {
      expect(contextOf({ 'headgate-identity': header }).identity).toBeUndefined();
    },
  );

  it('demands reads as new as the gateway says', () => {
    const after = 'rs0@00000000000000ff';
    expect(contextOf({ 'headgate-after': after }).causal.after).toBe(after);
  });

  it.each([undefined, '', 'yesterday', 'rs0@ff', ['rs0@00000000000000ff']])(
    'demands nothing by %p',
    (header) => {
      expect(contextOf({ 'headgate-after': header }).causal.after).toBeUndefined();
    },
  );
});
