import { FeedTrust } from './feedTrust.js';

const ALLOWANCE_MS = 5_000;

/** A process that stands still: its clock goes on, and its timers come when it has gone on itself. */
function standingStill() {
  const clock = { now: 1_700_000_000_000 };
  const trust = new FeedTrust({
    allowanceMs: ALLOWANCE_MS,
    timers: { now: () => clock.now, after: () => () => undefined },
    onChange: () => undefined,
  });
  return { clock, trust };
}

describe('the trust in a feed', () => {
  it('ends in time in a process that stood still, before its timers have run', () => {
    const { clock, trust } = standingStill();
    trust.completeAsOf(clock.now);
    clock.now += ALLOWANCE_MS;
    expect([trust.mayServe, trust.mayUseShared]).toEqual([true, true]);
    clock.now += 1;
    expect([trust.mayServe, trust.mayUseShared]).toEqual([false, false]);
    trust.completeAsOf(clock.now);
    expect([trust.mayServe, trust.mayUseShared]).toEqual([true, true]);
  });
});
