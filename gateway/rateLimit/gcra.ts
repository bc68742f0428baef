/**
 * The generic cell rate algorithm (ITU-T I.371): one number per subject instead of a window of requests. Each request
 * takes up `intervalUs` of the time to come; what is taken up may be `burst` intervals at most. All in whole
 * microseconds, which doubles hold exactly, here and in Lua.
 */
export interface Quota {
  /** One more request is earned each time it has passed. */
  readonly intervalUs: number;
  /** Requests that may come at once. */
  readonly burst: number;
}

export interface Verdict {
  readonly isAdmitted: boolean;
  /** Requests that would be admitted at once after this one. */
  readonly remaining: number;
  /** Until the whole burst is there again. */
  readonly resetUs: number;
  /** Until a request that was refused would be admitted; 0 for one that was admitted. */
  readonly waitUs: number;
}

/** @param burst requests at once. @default the whole limit */
export function quotaOf(limit: number, perSeconds: number, burst: number = limit): Quota {
  return { intervalUs: Math.max(1, Math.round((perSeconds * 1_000_000) / limit)), burst };
}

/** Where a subject stands after one more request: up to when the time to come is taken up. */
export interface Spending {
  readonly isAdmitted: boolean;
  readonly paidUntilUs: number;
}

export function takeInterval(paidUntilUs: number, nowUs: number, quota: Quota): Spending {
  const roomUs = quota.intervalUs * quota.burst;
  // A clock that was set back, or a rule that was changed, must not lock anybody out for longer than a full room takes.
  const from = Math.min(Math.max(paidUntilUs, nowUs), nowUs + roomUs);
  const isAdmitted = from + quota.intervalUs - nowUs <= roomUs;
  return { isAdmitted, paidUntilUs: isAdmitted ? from + quota.intervalUs : from };
}

/** @param backlogUs how much of the time to come is taken up, after the request if it was admitted */
export function verdictOn(isAdmitted: boolean, backlogUs: number, { intervalUs, burst }: Quota): Verdict {
  const roomUs = intervalUs * burst;
  return {
    isAdmitted,
    remaining: Math.floor((roomUs - backlogUs) / intervalUs),
    resetUs: backlogUs,
    waitUs: isAdmitted ? 0 : backlogUs + intervalUs - roomUs,
  };
}
