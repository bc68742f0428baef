import fc from 'fast-check';
import type { CacheRecord } from '../../gateway/cache/cacheTier.js';
import {
  ConsistencyToken,
  formatConsistencyToken,
  parseConsistencyToken,
} from '../../gateway/cache/consistencyToken.js';
import { decodeEnvelope, encodeEnvelope, type StampedRecord } from '../../gateway/cache/redis/envelope.js';
import { formatOperationTime, parseOperationTime } from '../../platform/database/operationTime.js';
import { fuzzed } from '../support/fuzz.js';

const text = fc.string({ unit: 'binary', maxLength: 60 });
const ms = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const record: fc.Arbitrary<CacheRecord> = fc.record({
  body: text,
  tags: fc.array(text, { minLength: 1, maxLength: 4 }),
  createdAt: ms,
  freshUntil: ms,
  staleUntil: ms,
  errorUntil: ms,
  scope: fc.constantFrom('public' as const, 'private' as const),
});
const stamped: fc.Arbitrary<StampedRecord> = fc.record({
  record,
  incarnation: fc.stringMatching(/^[A-Za-z0-9]{1,12}$/),
  sequence: fc.nat().map(String),
});

describe('the envelope of records in Redis', () => {
  it('gives back every record as it was', () => {
    fc.assert(
      fc.property(stamped, (value) => {
        expect(decodeEnvelope(encodeEnvelope(value))).toEqual(value);
      }),
      fuzzed(500),
    );
  });

  it('is a miss for whatever is none', () => {
    const nearly = fc
      .array(fc.oneof(text, fc.constantFrom('hg1', ' ', '\n', '0', 'public', '1 2 3 4 5 6')), {
        maxLength: 14,
      })
      .map((parts) => parts.join(' '));
    fc.assert(
      fc.property(fc.oneof(text, nearly), (garbage) => {
        expect(decodeEnvelope(garbage)).toBeUndefined();
      }),
      fuzzed(1_000),
    );
  });

  it('is a miss when it was cut off or has grown, wherever', () => {
    fc.assert(
      fc.property(stamped, fc.nat(), text, (value, at, more) => {
        const whole = encodeEnvelope(value);
        expect(decodeEnvelope(whole.slice(0, at % whole.length))).toBeUndefined();
        if (more !== '') expect(decodeEnvelope(whole + more)).toBeUndefined();
      }),
      fuzzed(500),
    );
  });

  it('is a miss, or a whole record, when one character of it is another', () => {
    fc.assert(
      fc.property(
        stamped,
        fc.nat(),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        (value, at, other) => {
          const whole = encodeEnvelope(value);
          const index = at % whole.length;
          const read = decodeEnvelope(whole.slice(0, index) + other + whole.slice(index + 1));
          if (read === undefined) return;
          const { body, tags, createdAt, freshUntil, staleUntil, errorUntil, scope } = read.record;
          expect(tags.length).toBeGreaterThan(0);
          expect([createdAt, freshUntil, staleUntil, errorUntil].every(Number.isSafeInteger)).toBe(true);
          expect(['public', 'private']).toContain(scope);
          expect(typeof body).toBe('string');
        },
      ),
      fuzzed(1_000),
    );
  });
});

describe('a consistency token', () => {
  const SECRET = 'a secret of all replicas';
  const time = fc
    .tuple(fc.stringMatching(/^[\w.-]{1,64}$/), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
    .map(([cluster, value]) => formatOperationTime(cluster, value));

  it('comes back as it was sent, whatever was seen', () => {
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 12 }), (times) => {
        const token = ConsistencyToken.EMPTY.with(...times);
        const back = parseConsistencyToken(formatConsistencyToken(token, SECRET), SECRET);
        expect([...back.times]).toEqual([...token.times]);
      }),
      fuzzed(300),
    );
  });

  it('never goes back in time, in whatever order tokens are joined', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), {
          maxLength: 6,
        }),
        (seen) => {
          const header = seen
            .map(([cluster, value]) =>
              formatConsistencyToken(
                ConsistencyToken.EMPTY.with(formatOperationTime(cluster, value)),
                SECRET,
              ),
            )
            .join(', ');
          const { times } = parseConsistencyToken(header, SECRET);
          for (const [cluster, value] of seen) {
            const kept = parseOperationTime(times.get(cluster) ?? '')?.value ?? -1n;
            expect(kept >= value).toBe(true);
          }
        },
      ),
      fuzzed(200),
    );
  });

  it('counts as nothing when anything about it is not what was signed', () => {
    const nearly = fc
      .tuple(fc.constantFrom('v1', 'v2', ''), text, text)
      .map((parts) =>
        parts.map((part, i) => (i === 0 ? part : Buffer.from(part).toString('base64url'))).join('.'),
      );
    fc.assert(
      fc.property(fc.oneof(text, nearly), (garbage) => {
        expect(parseConsistencyToken(garbage, SECRET).isEmpty).toBe(true);
      }),
      fuzzed(500),
    );
    fc.assert(
      fc.property(time, fc.nat(), fc.stringMatching(/^[\w.-]$/), (seen, at, other) => {
        const signed = formatConsistencyToken(ConsistencyToken.EMPTY.with(seen), SECRET);
        const payloadEnd = signed.lastIndexOf('.');
        const index = at % payloadEnd;
        fc.pre(signed[index] !== other);
        const forged = signed.slice(0, index) + other + signed.slice(index + 1);
        expect(parseConsistencyToken(forged, SECRET).isEmpty).toBe(true);
      }),
      fuzzed(500),
    );
  });
});
