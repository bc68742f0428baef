import { parse, validate } from 'graphql';
import type { Authority } from '../authorization/authority.js';
import { documentKeyOf } from './documentKey.js';
import type { ClientOperation } from './recentOperations.js';
import type { Snapshot } from './snapshot.js';

export interface WarmUpResult {
  readonly planned: number;
  /** Not valid for this supergraph any more, or without a plan: who sends them is told so. */
  readonly skipped: number;
}

/**
 * Plans operations beforehand, one per step; a large one beside this thread, as for the client that sends it: its step is
 * a promise.
 * @param inTime no other is begun once it says no
 */
export function* warmUpSteps(
  snapshot: Snapshot,
  operations: readonly ClientOperation[],
  inTime: () => boolean,
): Generator<Promise<void> | undefined, WarmUpResult> {
  let planned = 0;
  let skipped = 0;
  const count = (isPlanned: boolean): undefined => {
    if (isPlanned) planned += 1;
    else skipped += 1;
  };
  for (const operation of operations) {
    if (!inTime()) break;
    const isPlanned = plan(snapshot, operation);
    yield isPlanned instanceof Promise ? isPlanned.then(count) : count(isPlanned);
  }
  return { planned, skipped };
}

const NOBODY: Authority = { identity: undefined, policies: [] };

function plan(
  snapshot: Snapshot,
  { text, operationName, authority = NOBODY }: ClientOperation,
): boolean | Promise<boolean> {
  try {
    const document = parse(text);
    if (validate(snapshot.apiSchema, document).length > 0) return false;
    const planned = snapshot.planAside(document, documentKeyOf(text), operationName, authority);
    if (!(planned instanceof Promise)) return true;
    return planned.then(
      () => true,
      () => false,
    );
  } catch {
    // An operation that cannot be planned is no reason to keep the others from what is new.
    return false;
  }
}
