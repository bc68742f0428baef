import type { Registry } from 'prom-client';
import { LIMITS, type LimitName } from '../admission/createOperationLimits.js';
import { fixedCounter } from './fixedCounter.js';

export interface AdmissionMetrics {
  limitExceeded(limit: LimitName, outcome: 'refused' | 'warned'): void;
}

export function createAdmissionMetrics(registry: Registry): AdmissionMetrics {
  const limits = fixedCounter({
    registry,
    name: 'headgate_limit_exceeded_total',
    help: 'Operations beyond a limit, by the limit, refused or only counted.',
    labels: { kind: LIMITS, outcome: ['refused', 'warned'] },
  });
  return { limitExceeded: (limit, outcome) => limits([limit, outcome]) };
}
