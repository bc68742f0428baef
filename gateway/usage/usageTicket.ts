import type { UsedOperation } from './markOperations.js';
import type { UsageClient, UsageMark } from './usageMark.js';

/** One use that was not looked at yet. */
export interface PendingUse {
  readonly client: UsageClient;
  readonly failed: boolean;
}

/**
 * What is known of what a response uses. It goes with a response that is kept, so that a hit is one count and nothing
 * is parsed for it.
 */
export class UsageTicket {
  /** Uses until it was looked at. */
  readonly pending: PendingUse[] = [];
  /** `null` when it cannot be told. */
  mark: UsageMark | null | undefined;

  constructor(
    /** Let go of once it was looked at: it holds on to the request. */
    public source: (() => UsedOperation | undefined) | undefined,
    /** About how much it holds on to until then. */
    readonly bytes: number,
  ) {}
}
