import { createHmac } from 'node:crypto';
import { signIdentity, verifyIdentity } from './identity.js';

const SECRET = 'the secret of this test';
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** Signed rightly, whatever it says. */
const signed = (payload: string) =>
  `${payload}.${createHmac('sha256', SECRET).update(payload).digest('base64url')}`;

describe('a signed identity', () => {
  it.each(['ada', 'auth0|5f1', 'Zoë Müller', '😀', 'a.b.c', 'x'.repeat(1000)])(
    'comes back whole: %s',
    (subject) => {
      const header = signIdentity({ subject }, SECRET);
      expect(verifyIdentity(header, SECRET)).toEqual({ subject });
      // It has to be a legal header, whatever the subject.
      expect(header).toMatch(/^[\w-]+\.[\w-]+$/);
    },
  );

  it('brings the scopes and claims along that it was signed with', () => {
    const identity = { subject: 'ada', scopes: ['read:a'], claims: { tenant: 't1', nested: { a: [1] } } };
    expect(verifyIdentity(signIdentity(identity, SECRET), SECRET)).toEqual(identity);
  });

  it('is worth nothing under another secret', () => {
    expect(verifyIdentity(signIdentity({ subject: 'ada' }, SECRET), `${SECRET}.`)).toBeUndefined();
  });

  it('is worth nothing for another subject', () => {
    const [, signature] = signIdentity({ subject: 'ada' }, SECRET).split('.');
    expect(verifyIdentity(`${encode({ sub: 'eve' })}.${signature}`, SECRET)).toBeUndefined();
  });

  it('is worth nothing when any character of it is changed', () => {
    const header = signIdentity({ subject: 'ada' }, SECRET);
    // The last character of base64url has bits that mean nothing: another one may stand for the same bytes.
    for (let index = 0; index < header.length - 1; index++) {
      const other = header[index] === 'A' ? 'B' : 'A';
      const forged = header.slice(0, index) + other + header.slice(index + 1);
      expect({ index, identity: verifyIdentity(forged, SECRET) }).toEqual({ index, identity: undefined });
    }
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['without a signature', encode({ sub: 'ada' })],
    ['with an empty signature', `${encode({ sub: 'ada' })}.`],
    ['without a payload', '.abc'],
    ['with half a signature', signed(encode({ sub: 'ada' })).slice(0, -10)],
    ['signed, but no JSON', signed('AAAA')],
    ['signed, but null', signed(encode(null))],
    ['signed, but without a subject', signed(encode({ name: 'ada' }))],
    ['signed, with an empty subject', signed(encode({ sub: '' }))],
    ['signed, with a subject that is no text', signed(encode({ sub: 7 }))],
  ])('is none when it is %s', (_what, header) => {
    expect(verifyIdentity(header, SECRET)).toBeUndefined();
  });
});
