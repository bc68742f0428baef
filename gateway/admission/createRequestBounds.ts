import { CodedError } from '../../platform/errors.js';
import type { BodyWatch } from '../../platform/http/readBody.js';
import type { Logger } from '../../platform/logger.js';
import type { LimitsConfig } from './limitsConfig.js';

export const REQUEST_LIMITS = ['bodyBytes', 'batching'] as const;
export type RequestLimitName = (typeof REQUEST_LIMITS)[number];

/** What a request may be, before anything of it is understood; over every transport. */
export interface RequestBounds {
  /** Of a body, or of a message on a WebSocket. What is longer is not kept for a moment. */
  readonly maxBytes: number;
  /** To be told of each body and message. */
  readonly watch: BodyWatch;
  /** Counts a list of operations. @returns what it is refused with */
  refuseBatch(): CodedError;
}

export interface RequestBoundsOptions {
  /** `maxBodyBytes` is what memory has room for, and holds in every mode. */
  readonly config: { readonly maxBodyBytes: number; readonly limits: LimitsConfig };
  readonly logger: Logger;
  count?(limit: RequestLimitName, outcome: 'refused' | 'warned'): void;
}

export function createRequestBounds(options: RequestBoundsOptions): RequestBounds {
  const { config, logger, count = () => {} } = options;
  const { mode, maxBodyBytes: maximum = config.maxBodyBytes } = config.limits;
  const warnsBeyond = mode === 'warn' ? maximum : Number.POSITIVE_INFINITY;
  return {
    maxBytes: mode === 'enforce' ? Math.min(maximum, config.maxBodyBytes) : config.maxBodyBytes,
    watch: {
      tooLarge: () => count('bodyBytes', 'refused'),
      whole(bytes) {
        if (bytes <= warnsBeyond) return;
        count('bodyBytes', 'warned');
        logger.warn({ limit: 'bodyBytes', maximum, bytes }, 'a request is beyond a limit');
      },
    },
    refuseBatch() {
      count('batching', 'refused');
      return new CodedError(
        'BATCHING_NOT_SUPPORTED',
        'One request carries one operation, not a list of them.',
      );
    },
  };
}
