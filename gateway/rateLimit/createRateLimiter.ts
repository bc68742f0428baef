import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CodedError } from '../../platform/errors.js';
import type { RequestHandler } from '../../platform/http/httpServer.js';
import { clientOf } from '../usage/clientOf.js';
import type { AddressOf } from './clientAddress.js';
import { type Quota, quotaOf, type Verdict } from './gcra.js';
import type { LimitedBy, RateLimitConfig, RateLimitRule } from './rateLimitConfig.js';
import type { RateLimitStore } from './rateLimitStore.js';

/** Whom a request is counted for. A rule for what is not there does not count it. */
export type Subjects = { readonly [by in LimitedBy]?: string | undefined };

export interface RateLimiter {
  /** Whether there is any rule: without one, nothing is looked at. */
  readonly isActive: boolean;
  readonly addressOf: AddressOf;
  /**
   * Counts one request for each of its subjects. At once, without a promise, unless Redis is asked.
   * @param response is given the headers that tell a client where it stands
   * @throws CodedError `RATE_LIMITED`, thrown or as a rejection
   */
  admit(subjects: Subjects, response?: Pick<ServerResponse, 'getHeader' | 'setHeader'>): void | Promise<void>;
  /** Counts a request for its address and its client, before anything of it is read. As `admit` otherwise. */
  admitRequest(request: IncomingMessage, response?: ServerResponse): void | Promise<void>;
  /** The same handler, for requests whose address and client have quota left; before anything of them is read. */
  before(handler: RequestHandler): RequestHandler;
  close(): Promise<void>;
}

export interface RateLimiterOptions {
  readonly config: Pick<RateLimitConfig, 'mode' | 'rules'>;
  readonly addressOf: AddressOf;
  /** Opened only where there are rules. */
  openStore(): RateLimitStore;
  count(by: LimitedBy, outcome: 'refused' | 'warned'): void;
}

interface Policy extends Quota {
  readonly name: string;
  readonly by: LimitedBy;
  /** As an item of `RateLimit-Policy`. */
  readonly text: string;
}

interface Finding {
  readonly policy: Policy;
  readonly verdict: Verdict;
}

export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { config, addressOf, count } = options;
  const policies = config.rules.map(toPolicy);
  const store = policies.length > 0 ? options.openStore() : undefined;
  const enforces = config.mode === 'enforce';

  function conclude(findings: readonly Finding[], response: Parameters<RateLimiter['admit']>[1]): void {
    if (enforces && response !== undefined) tell(response, findings);
    let worst: Finding | undefined;
    for (const finding of findings) {
      if (finding.verdict.isAdmitted) continue;
      count(finding.policy.by, enforces ? 'refused' : 'warned');
      if (worst === undefined || finding.verdict.waitUs > worst.verdict.waitUs) worst = finding;
    }
    if (worst === undefined || !enforces) return;
    const retryAfterSeconds = seconds(worst.verdict.waitUs);
    throw new CodedError('RATE_LIMITED', `Too many requests: try again in ${retryAfterSeconds} s.`, {
      extensions: { policy: worst.policy.name, retryAfterSeconds },
    });
  }

  const admit: RateLimiter['admit'] = (subjects, response) => {
    if (store === undefined) return undefined;
    const findings: Finding[] = [];
    const waiting: Promise<unknown>[] = [];
    for (const policy of policies) {
      const subject = subjects[policy.by];
      if (subject === undefined || subject === '') continue;
      const verdict = store.spend(`${policy.name}:${shortened(subject)}`, policy);
      if (!(verdict instanceof Promise)) findings.push({ policy, verdict });
      else waiting.push(verdict.then((answer) => findings.push({ policy, verdict: answer })));
    }
    // Several go out together: however many rules there are, they take one round trip.
    if (waiting.length > 0) return Promise.all(waiting).then(() => conclude(findings, response));
    if (findings.length > 0) conclude(findings, response);
    return undefined;
  };

  const admitRequest: RateLimiter['admitRequest'] = (request, response) => {
    if (!policies.some(({ by }) => by !== 'identity')) return undefined;
    return admit({ address: addressOf(request), client: clientOf(request.headers).name }, response);
  };

  return {
    isActive: store !== undefined,
    addressOf,
    admit,
    admitRequest,
    before(handler) {
      if (!policies.some(({ by }) => by !== 'identity')) return handler;
      return (request, response) => {
        const admitted = admitRequest(request, response);
        if (admitted === undefined) return handler(request, response);
        return admitted.then(() => handler(request, response));
      };
    },
    async close() {
      await store?.close();
    },
  };
}

function toPolicy(
  { by, limit, perSeconds, burst }: RateLimitRule,
  index: number,
  rules: readonly RateLimitRule[],
): Policy {
  // Names are stable as long as rules are only added at the end.
  const before = rules.slice(0, index).filter((rule) => rule.by === by).length;
  const name = before === 0 ? by : `${by}-${before + 1}`;
  return { ...quotaOf(limit, perSeconds, burst), name, by, text: `"${name}";q=${limit};w=${perSeconds}` };
}

/** `RateLimit` and `RateLimit-Policy` as in draft-ietf-httpapi-ratelimit-headers-10, after what is told already. */
function tell(response: Pick<ServerResponse, 'getHeader' | 'setHeader'>, findings: readonly Finding[]): void {
  const append = (name: string, items: readonly string[]) => {
    const told = response.getHeader(name);
    response.setHeader(name, [...(told === undefined ? [] : [told]), ...items].join(', '));
  };
  append(
    'ratelimit-policy',
    findings.map(({ policy }) => policy.text),
  );
  append(
    'ratelimit',
    findings.map(({ policy, verdict }) => {
      return `"${policy.name}";r=${verdict.remaining};t=${seconds(verdict.resetUs)}`;
    }),
  );
}

const seconds = (us: number): number => Math.ceil(us / 1_000_000);

/** Subjects are as long as an issuer likes; what is kept of them is not. */
const MAX_SUBJECT_CHARACTERS = 64;
const shortened = (subject: string): string =>
  subject.length <= MAX_SUBJECT_CHARACTERS ? subject : hash('sha256', subject, 'base64url');
