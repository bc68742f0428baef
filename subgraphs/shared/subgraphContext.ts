import type { CausalContext } from '../../platform/database/database.js';
import { type OperationTime, parseOperationTime } from '../../platform/database/operationTime.js';
import { IDENTITY_HEADER, type Identity, verifyIdentity } from '../../platform/identity.js';
import type { Logger } from '../../platform/logger.js';
import { ChangedTags } from './changedTags.js';
import { createEventPosition, type EventPosition } from './eventPosition.js';
import { parseTimeoutMs, TIMEOUT_HEADER } from './requestTimeout.js';

/** From the gateway: reads must be at least this new. An operation time; anything else is ignored. */
export const AFTER_HEADER = 'headgate-after';

/** What every resolver gets, new for each request. */
export interface SubgraphContext {
  readonly requestId: string;
  /** Who the gateway says is asking; `undefined` for nobody, and for a claim that the gateway did not sign. */
  readonly identity: Identity | undefined;
  /** Hand it to every read and write of the request. */
  readonly causal: CausalContext;
  /** Mutations name here what they changed. */
  readonly changed: ChangedTags;
  /** Of a subscription. */
  readonly position: EventPosition;
  /** How long the caller waits for the answer, where it says so. */
  readonly timeoutMs: number | undefined;
  readonly logger: Logger;
}

export interface SubgraphContextInput {
  readonly requestId: string;
  /** Looks up a header by its lower-case name. */
  header(name: string): unknown;
  /** Of the operation that subscribes. @default none */
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
  readonly identitySecret: string;
  readonly logger: Logger;
}

export function createSubgraphContext(input: SubgraphContextInput): SubgraphContext {
  const identity = input.header(IDENTITY_HEADER);
  const after = input.header(AFTER_HEADER);
  return {
    requestId: input.requestId,
    identity: typeof identity === 'string' ? verifyIdentity(identity, input.identitySecret) : undefined,
    causal: {
      after: typeof after === 'string' && parseOperationTime(after) ? (after as OperationTime) : undefined,
    },
    changed: new ChangedTags(),
    position: createEventPosition(input.extensions ?? {}),
    timeoutMs: parseTimeoutMs(input.header(TIMEOUT_HEADER)),
    logger: input.logger.child({ requestId: input.requestId }),
  };
}
