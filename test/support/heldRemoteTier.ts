import { createKeyvTier } from '../../gateway/cache/keyvTier.js';
import type { RemoteTier } from '../../gateway/cache/remoteTier.js';
import { type Held, held } from './held.js';

export type RemoteCall = 'read' | 'begin' | 'write' | 'invalidate' | 'purgeEverything';

export interface HeldRemoteTier extends RemoteTier {
  /** What was asked of it, in order. */
  readonly calls: readonly RemoteCall[];
  /**
   * The next call of this kind does its work at once, or when it is released, but is answered only when released.
   * `called` resolves once it has come.
   */
  hold(call: RemoteCall, when: 'before' | 'after'): { readonly called: Promise<void>; release(): void };
  /** While true, reads find nothing and everything else fails, as with a Redis that is gone. */
  isDown: boolean;
}

/** A remote tier whose answers a test holds back and lets go. */
export function heldRemoteTier(now: () => number): HeldRemoteTier {
  const tier = createKeyvTier({ now });
  const calls: RemoteCall[] = [];
  const holds = new Map<RemoteCall, { when: 'before' | 'after'; called: Held; released: Held }>();

  async function through<T>(call: RemoteCall, run: () => Promise<T>, whenDown: () => T): Promise<T> {
    calls.push(call);
    const { isDown } = remote;
    const hold = holds.get(call);
    holds.delete(call);
    if (hold?.when === 'before') {
      hold.called.release();
      await hold.released.promise;
    }
    const outcome = isDown ? whenDown() : await run();
    if (hold?.when === 'after') {
      hold.called.release();
      await hold.released.promise;
    }
    return outcome;
  }

  const gone = (): never => {
    throw new Error('the remote tier is gone');
  };

  const remote: HeldRemoteTier = {
    name: 'keyv',
    calls,
    isDown: false,
    hold(call, when) {
      const [called, released] = [held(), held()];
      holds.set(call, { when, called, released });
      return { called: called.promise, release: () => released.release() };
    },
    read: (keys) =>
      through(
        'read',
        () => tier.read(keys),
        () => keys.map(() => ({ token: undefined })),
      ),
    begin: (keys) =>
      through(
        'begin',
        () => tier.begin(keys),
        () => keys.map(() => undefined),
      ),
    release: (tokens) => tier.release(tokens),
    write: (fills) =>
      through(
        'write',
        () => tier.write(fills),
        () => fills.map(() => false),
      ),
    invalidate: (tags) => through('invalidate', () => tier.invalidate(tags), gone),
    purgeEverything: () => through('purgeEverything', () => tier.purgeEverything(), gone),
    count: (tags) => tier.count(tags),
    close: () => tier.close(),
  };
  return remote;
}
