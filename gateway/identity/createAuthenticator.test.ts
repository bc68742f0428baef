import { createSecretKey } from 'node:crypto';
import { base64url, generateKeyPair } from 'jose';
import { CodedError } from '../../platform/errors.js';
import { silentLogger } from '../../platform/logger.js';
import { held } from '../../test/support/held.js';
import { startTestIssuer, type TestIssuer } from '../../test/support/testIssuer.js';
import { until } from '../../test/support/until.js';
import { ANONYMOUS, type Caller } from './caller.js';
import { type AuthenticationOutcome, createAuthenticator } from './createAuthenticator.js';
import { paramsAsHeaders } from './headerLookup.js';
import { identityConfigSchema, type JwtConfig, jwtConfigSchema } from './identityConfig.js';

const noHeaders = () => undefined;
const header = (name: string, value: string) => (asked: string) => (asked === name ? value : undefined);
const bearer = (token: string) => header('authorization', `Bearer ${token}`);

function start(issuer: TestIssuer, jwt: Partial<JwtConfig> = {}, required = false) {
  const outcomes: AuthenticationOutcome[] = [];
  const authenticator = createAuthenticator({
    config: { required, jwt: { ...jwtConfigSchema.parse(issuer.jwtConfig), ...jwt } },
    logger: silentLogger(),
    count: (outcome) => outcomes.push(outcome),
  });
  onTestEnd.push(() => authenticator.close());
  return {
    outcomes,
    /** Asynchronous whatever happens, so that what is thrown and what is rejected look alike. */
    ask: async (lookup: (name: string) => string | undefined): Promise<Caller> =>
      authenticator.authenticate(lookup),
    askAtOnce: authenticator.authenticate,
  };
}

const codeOf = (error: unknown) => (error instanceof CodedError ? error.code : error);
const onTestEnd: (() => void)[] = [];
let issuer: TestIssuer;
beforeEach(async () => {
  issuer = await startTestIssuer();
});
afterEach(async () => {
  for (const end of onTestEnd.splice(0)) end();
  await issuer[Symbol.asyncDispose]();
});

describe('a caller with a token', () => {
  it('is who the token says, with its scopes, policies and end', async () => {
    const { ask } = start(issuer, { forwardClaims: ['tenant', 'missing'] });
    const claims = { scope: 'read:a write:b', policies: ['gold'], tenant: 't1', secret: 'x' };
    const caller = await ask(bearer(await issuer.token('ada', { claims })));
    expect(caller.identity).toEqual({
      subject: 'ada',
      scopes: ['read:a', 'write:b'],
      claims: { tenant: 't1' },
    });
    expect(caller.policies).toEqual(['gold']);
    expect(caller.expiresAt).toBeGreaterThan(Date.now() + 500_000);
  });

  it('is known at once the second time, and nothing is verified again', async () => {
    const { ask, askAtOnce, outcomes } = start(issuer);
    const token = await issuer.token('ada');
    const first = await ask(bearer(token));
    expect(askAtOnce(bearer(token))).toBe(first);
    expect(outcomes).toEqual(['verified', 'cached']);
  });

  it('is verified each time that it comes with more spaces than it needs: each number of them would be kept', async () => {
    const { ask, outcomes } = start(issuer);
    const padded = header('authorization', `Bearer  ${await issuer.token('ada')} `);
    await ask(padded);
    expect((await ask(padded)).identity?.subject).toBe('ada');
    expect(outcomes).toEqual(['verified', 'verified']);
  });

  it('is verified once, however many of its requests come at the same time', async () => {
    const { ask, outcomes } = start(issuer);
    const token = await issuer.token('ada');
    const callers = await Promise.all(Array.from({ length: 20 }, () => ask(bearer(token))));
    expect(new Set(callers).size).toBe(1);
    expect(outcomes).toEqual(['verified']);
  });

  it('has the key of an equal caller, and of no other', async () => {
    const { ask } = start(issuer, { forwardClaims: ['tenant'] });
    const keyOf = async (subject: string, claims = {}) =>
      (await ask(bearer(await issuer.token(subject, { claims })))).key;
    const ada = await keyOf('ada');
    expect(await keyOf('ada', { unrelated: 1 })).toBe(ada);
    const others = [
      await keyOf('grace'),
      await keyOf('ada', { scope: 'a' }),
      await keyOf('ada', { scope: 'a b' }),
      await keyOf('ada', { policies: 'a' }),
      await keyOf('ada', { tenant: 'a' }),
    ];
    expect(new Set([ada, ...others]).size).toBe(6);
  });

  it('can come in the parameters of a WebSocket, under a name in any case', async () => {
    const { ask } = start(issuer);
    const params = paramsAsHeaders({ Authorization: `bearer ${await issuer.token('ada')}`, other: 5 });
    expect((await ask(params)).identity?.subject).toBe('ada');
  });

  it('can come in another header, without a scheme', async () => {
    const { ask } = start(issuer, { header: 'x-token' });
    expect((await ask(header('x-token', await issuer.token('ada')))).identity?.subject).toBe('ada');
    expect(await ask(bearer('whatever'))).toBe(ANONYMOUS);
  });

  it('may have a clock that is a little behind', async () => {
    const { ask, outcomes } = start(issuer, { clockToleranceSeconds: 30 });
    const token = await issuer.token('ada', { expiresIn: -10 });
    await ask(bearer(token));
    await ask(bearer(token));
    // Past its end it is verified each time: it is kept no longer than that.
    expect(outcomes).toEqual(['verified', 'verified']);
  });
});

describe('a caller without a token', () => {
  it('is anonymous', async () => {
    expect(await start(issuer).ask(noHeaders)).toBe(ANONYMOUS);
  });

  it('is refused where an identity is required', async () => {
    const { ask, outcomes } = start(issuer, {}, true);
    const error = await ask(noHeaders).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'TOKEN_REQUIRED', headers: { 'www-authenticate': 'Bearer' } });
    expect(outcomes).toEqual(['missing']);
  });
});

describe('a bad token', () => {
  const encode = (value: unknown) => base64url.encode(JSON.stringify(value));
  const payload = { sub: 'ada', iss: 'https://issuer.test/', aud: 'https://shop.test', exp: 9_999_999_999 };

  it.each<[string, () => Promise<string>, string]>([
    ['has expired', () => issuer.token('ada', { expiresIn: -3600 }), 'expired'],
    ['is of another issuer', () => issuer.token('ada', { issuer: 'https://evil.test/' }), 'rejected'],
    ['is for another audience', () => issuer.token('ada', { audience: 'https://bank.test' }), 'rejected'],
    ['is not valid yet', () => issuer.token('ada', { claims: { nbf: 9_999_999_999 } }), 'rejected'],
    ['has no subject', () => issuer.token('', {}), 'rejected'],
    ['is not signed', async () => `${encode({ alg: 'none' })}.${encode(payload)}.`, 'rejected'],
    [
      'is signed with a key of somebody else',
      async () => issuer.token('ada', { key: (await generateKeyPair('ES256')).privateKey }),
      'rejected',
    ],
    [
      'is signed with a secret made of what is public',
      async () =>
        issuer.token('ada', {
          algorithm: 'HS256',
          key: new Uint8Array(createSecretKey(Buffer.alloc(32, 'public')).export()),
        }),
      'rejected',
    ],
    [
      'was changed',
      async () => (await issuer.token('ada')).replace(/\.[^.]+\./, `.${encode(payload)}.`),
      'rejected',
    ],
    ['is no token', async () => 'abc', 'rejected'],
    ['is too long', async () => 'a'.repeat(9000), 'rejected'],
  ])('that %s is refused', async (_what, make, reason) => {
    const { ask, outcomes } = start(issuer);
    const error = await ask(bearer(await make())).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INVALID_TOKEN', extensions: { reason } });
    expect(outcomes).toEqual(['refused']);
  });

  it.each(['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer a b', 'Bearer ä'])(
    'is refused, not taken for nobody: %j',
    async (sent) => {
      const refusal = await start(issuer).ask(header('authorization', sent)).catch(codeOf);
      expect(refusal).toBe('INVALID_TOKEN');
    },
  );

  it('is one that brings a megabyte of spaces along', async () => {
    const { ask, outcomes } = start(issuer);
    const token = await issuer.token('ada');
    expect(await ask(header('authorization', `Bearer${' '.repeat(1e6)}${token}`)).catch(codeOf)).toBe(
      'INVALID_TOKEN',
    );
    expect(outcomes).toEqual(['refused']);
  });

  it('is one whose algorithm is not on the list, though its key is', async () => {
    const { ask } = start(issuer, { algorithms: ['RS256'] });
    expect(await ask(bearer(await issuer.token('ada'))).catch(codeOf)).toBe('INVALID_TOKEN');
  });
});

describe('the keys of the issuer', () => {
  it('are loaded again for a key that is not known', async () => {
    const { ask } = start(issuer, { jwksCooldownMs: 0 });
    await ask(bearer(await issuer.token('ada')));
    await issuer.rotate();
    expect((await ask(bearer(await issuer.token('grace')))).identity?.subject).toBe('grace');
  });

  it('are not loaded again and again for tokens with invented keys', async () => {
    const { ask } = start(issuer, { jwksCooldownMs: 60_000 });
    await ask(bearer(await issuer.token('ada')));
    const before = issuer.asked;
    for (let index = 0; index < 20; index++) {
      const refusal = await ask(bearer(await issuer.token('eve', { kid: `invented-${index}` }))).catch(
        codeOf,
      );
      expect(refusal).toBe('INVALID_TOKEN');
    }
    expect(issuer.asked).toBe(before);
  });

  it('need not be named by a token while there are several', async () => {
    await issuer.rotate();
    const { ask } = start(issuer);
    expect((await ask(bearer(await issuer.token('ada', { kid: null })))).identity?.subject).toBe('ada');
    const { privateKey: key } = await generateKeyPair('ES256');
    expect(await ask(bearer(await issuer.token('eve', { kid: null, key }))).catch(codeOf)).toBe(
      'INVALID_TOKEN',
    );
  });

  it('stay in use while the issuer fails, also beyond their age', async () => {
    const { ask } = start(issuer, { jwksMaxAgeMs: 20 });
    await ask(bearer(await issuer.token('ada')));
    issuer.fail(true);
    const before = issuer.asked;
    await until('the keys were asked for again', () => issuer.asked > before + 1);
    expect((await ask(bearer(await issuer.token('grace')))).identity?.subject).toBe('grace');
  });

  it('that are withdrawn take the tokens along that they have signed', async () => {
    const { ask } = start(issuer, { jwksMaxAgeMs: 20, jwksCooldownMs: 0 });
    const old = await issuer.token('ada');
    await ask(bearer(old));
    await issuer.rotate(false);
    await until(
      'the old token is refused',
      async () => (await ask(bearer(old)).catch(codeOf)) === 'INVALID_TOKEN',
    );
  });

  it('that are withdrawn take their tokens along also where the issuer was out of reach at first', async () => {
    issuer.fail(true);
    const timers = jest.spyOn(globalThis, 'setInterval');
    const { ask } = start(issuer);
    const loadAnew = timers.mock.calls[0]?.[0] as () => void;
    timers.mockRestore();
    const old = await issuer.token('ada');
    const asking = async () => (await ask(bearer(old)).catch(codeOf)) as unknown;
    expect(await asking()).toBe('IDENTITY_UNAVAILABLE');
    issuer.fail(false);
    await until('the keys are there', async () => (await asking()) !== 'IDENTITY_UNAVAILABLE');
    expect(await asking()).toMatchObject({ identity: { subject: 'ada' } });
    await issuer.rotate(false);
    loadAnew();
    await until('the old token is refused', async () => (await asking()) === 'INVALID_TOKEN');
  });

  it('that are withdrawn while they verify a token are not what it goes on by', async () => {
    const { ask } = start(issuer, { jwksMaxAgeMs: 20, jwksCooldownMs: 0 });
    await ask(bearer(await issuer.token('grace')));
    const old = await issuer.token('ada');
    const gate = held();
    const { subtle } = crypto;
    const { verify } = subtle;
    const slow = jest.spyOn(subtle, 'verify').mockImplementationOnce(async (...args) => {
      await gate.promise;
      return verify.apply(subtle, args);
    });
    const asking = ask(bearer(old));
    await until('the token is being verified', () => slow.mock.calls.length > 0);
    await issuer.rotate(false);
    const before = issuer.asked;
    await until('the new keys are there', () => issuer.asked > before + 1);
    gate.release();
    await asking;
    slow.mockRestore();
    expect(await ask(bearer(old)).catch(codeOf)).toBe('INVALID_TOKEN');
  });

  it('that cannot be had refuse nobody for good: it is said that the issuer is out of reach', async () => {
    issuer.fail(true);
    const { ask, outcomes } = start(issuer);
    const token = await issuer.token('ada');
    expect(await ask(bearer(token)).catch(codeOf)).toBe('IDENTITY_UNAVAILABLE');
    expect(await ask(noHeaders)).toBe(ANONYMOUS);
    issuer.fail(false);
    expect((await ask(bearer(token))).identity?.subject).toBe('ada');
    expect(outcomes).toEqual(['unavailable', 'anonymous', 'verified']);
  });
});

describe('a caller by a trusted header', () => {
  const trusting = (required: boolean) =>
    createAuthenticator({
      config: identityConfigSchema.parse({ trustedHeader: 'X-User', required }),
      logger: silentLogger(),
    });

  it('is whoever it names; nobody where it is missing or empty', () => {
    const { authenticate } = trusting(false);
    expect(authenticate(header('x-user', 'ada'))).toMatchObject({ identity: { subject: 'ada' } });
    expect(authenticate(noHeaders)).toBe(ANONYMOUS);
    expect(authenticate(header('x-user', ''))).toBe(ANONYMOUS);
  });

  it('is refused without one, where one is required', () => {
    expect(() => trusting(true).authenticate(noHeaders)).toThrow(
      expect.objectContaining({ code: 'TOKEN_REQUIRED' }),
    );
  });

  it('cannot be configured beside tokens', () => {
    const jwt = { jwksUrl: 'https://a.test/', issuer: 'a', audience: 'b' };
    expect(identityConfigSchema.safeParse({ trustedHeader: 'x-user', jwt }).success).toBe(false);
    expect(identityConfigSchema.safeParse({ jwt: { ...jwt, algorithms: ['HS256'] } }).success).toBe(false);
    expect(identityConfigSchema.safeParse({ jwt: { ...jwt, algorithms: ['none'] } }).success).toBe(false);
  });
});
