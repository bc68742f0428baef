import type { Registry } from 'prom-client';
import type { AuthenticationOutcome } from '../identity/createAuthenticator.js';
import { type CounterSeries, fixedCounter } from './fixedCounter.js';

export interface IdentityMetrics {
  authenticated(outcome: AuthenticationOutcome): void;
}

const OUTCOMES = ['anonymous', 'trusted', 'verified', 'cached', 'refused', 'missing', 'unavailable'] as const;

export function createIdentityMetrics(registry: Registry): IdentityMetrics {
  const count = fixedCounter({
    registry,
    name: 'headgate_authentications_total',
    help: 'Requests by what was found of their caller: nobody, a trusted header, a token (verified now or before), or why they were refused.',
    labels: { outcome: OUTCOMES },
  });
  const series = Object.fromEntries(
    OUTCOMES.map((outcome) => [outcome, count.series([outcome])]),
  ) as Readonly<Record<AuthenticationOutcome, CounterSeries>>;
  return {
    authenticated(outcome) {
      series[outcome].value += 1;
    },
  };
}
