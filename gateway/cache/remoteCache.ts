import { systemTimers, type Timers } from '../../platform/database/timers.js';
import type { Fill, FillToken, TierRead } from './cacheTier.js';
import { Backoff, type BackoffOptions } from './feed/backoff.js';
import { type LeaseRequest, newLeaseStats } from './lease.js';
import { PendingTags } from './pendingTags.js';
import { PurgeDebt } from './purgeDebt.js';
import type { LatestTimes, RemoteTier } from './remoteTier.js';
import { newTierStats, type TierStats } from './tierStats.js';

export interface RemoteCacheOptions {
  /**
   * Whether what is kept there of this subgraph is known to be up to date, such as after its feed has caught up.
   * @default always
   */
  readonly mayUseRemote?: ((source: string) => boolean) | undefined;
  /** What goes with each invalidation, so that no other process fills the tier with what is older. @default none */
  readonly latestTimes?: (() => LatestTimes) | undefined;
  /** How many missed tags are remembered before they become a purge of everything. @default 10000 */
  readonly maxOwedTags?: number | undefined;
  /** Between attempts to settle. @default from 200 ms to 10 s */
  readonly settleBackoff?: BackoffOptions | undefined;
  readonly timers?: Timers | undefined;
  /** Told when the tier begins to owe purges, and when they are settled. */
  readonly onOwing?: ((owing: boolean) => void) | undefined;
}

const SUBGRAPH_PREFIX = 'subgraph:';

/**
 * A remote tier with what it takes to rely on it: one that could not be told of an invalidation is neither read nor
 * written until it was.
 */
export class RemoteCache {
  readonly stats: TierStats = newTierStats();
  readonly leases = newLeaseStats();
  readonly #tier: RemoteTier;
  readonly #options: RemoteCacheOptions;
  readonly #timers: Timers;
  readonly #backoff: Backoff;
  readonly #debt: PurgeDebt;
  readonly #pending = new PendingTags();
  #stopTimer: (() => void) | undefined;
  #settling: Promise<boolean> | undefined;
  #closed = false;

  constructor(tier: RemoteTier, options: RemoteCacheOptions) {
    this.#tier = tier;
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    this.#backoff = new Backoff(options.settleBackoff);
    this.#debt = new PurgeDebt(options.maxOwedTags);
  }

  get name(): RemoteTier['name'] {
    return this.#tier.name;
  }

  /** How many tags it still has to be told; it is bypassed until that is 0. */
  get owedTags(): number {
    return this.#debt.isEmpty ? 0 : Math.max(1, this.#debt.size);
  }

  async read(keys: readonly string[], leases?: LeaseRequest): Promise<readonly TierRead[]> {
    if (this.#isBypassed(keys)) return keys.map(() => ({ token: undefined }));
    // What was being purged when the read began may have been read before it was.
    const wasPending = this.#pending.snapshot();
    // Whoever may not store what it loads must not make others wait for it, nor wait for what it may not read.
    const isLeasing = leases !== undefined && this.#mayUseSource(leases.source);
    const reads = await this.#tier.read(keys, isLeasing ? leases : undefined);
    return reads.map((read) => {
      if (read.lease !== undefined && leases?.mode === 'take') this.leases[read.lease] += 1;
      if (read.hit === undefined) return read;
      const { token, lease } = read;
      return wasPending(read.hit.tags) || !this.#mayUse(read.hit.tags) ? { token, lease } : read;
    });
  }

  /** Gives back the leases that came with these and that no write has given back. Never rejects. */
  async release(tokens: readonly FillToken[]): Promise<void> {
    if (tokens.length > 0) await this.#tier.release(tokens);
  }

  async begin(keys: readonly string[]): Promise<readonly (FillToken | undefined)[]> {
    return this.#isBypassed(keys) ? keys.map(() => undefined) : this.#tier.begin(keys);
  }

  async write(fills: readonly Fill[]): Promise<readonly boolean[]> {
    const eligible = this.#debt.isEmpty ? fills.filter(({ record }) => this.#mayUse(record.tags)) : [];
    const answers = eligible.length === 0 ? [] : await this.#tier.write(eligible);
    const stored = new Set(eligible.filter((_, index) => answers[index]));
    this.stats.fills += stored.size;
    this.stats.refused += fills.length - stored.size;
    return fills.map((fill) => stored.has(fill));
  }

  /** @returns whether it was told; if not, it is bypassed from now on, until it was */
  async invalidate(tags: readonly string[]): Promise<boolean> {
    this.stats.purges += 1;
    if (!this.#debt.isEmpty) {
      this.owe(tags);
      return false;
    }
    const end = this.#pending.begin(tags);
    try {
      await this.#tier.invalidate(tags, this.#options.latestTimes?.());
      return true;
    } catch {
      this.owe(tags);
      return false;
    } finally {
      end();
    }
  }

  /** Bypasses the tier until it has been told of these. */
  owe(tags: readonly string[]): void {
    this.stats.failures += 1;
    const wasEmpty = this.#debt.isEmpty;
    this.#debt.add(tags);
    if (wasEmpty) this.#options.onOwing?.(true);
    this.#schedule();
  }

  /** Tells all that is owed. @returns whether nothing is owed any more */
  settle(): Promise<boolean> {
    this.#settling ??= this.#settleAll().finally(() => {
      this.#settling = undefined;
    });
    return this.#settling;
  }

  count(tags: readonly string[]): Promise<number> {
    return this.#tier.count(tags);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTimer?.();
    await this.#tier.close();
  }

  async #settleAll(): Promise<boolean> {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#debt.isEmpty) return true;
    try {
      while (!this.#debt.isEmpty) {
        await this.#debt.settle((owed) => {
          const times = this.#options.latestTimes?.();
          return owed.everything
            ? this.#tier.purgeEverything(times)
            : this.#tier.invalidate(owed.tags, times);
        });
      }
    } catch {
      this.#schedule();
      return false;
    }
    this.#backoff.succeeded();
    this.#options.onOwing?.(false);
    return true;
  }

  #schedule(): void {
    if (this.#closed || this.#stopTimer !== undefined) return;
    this.#stopTimer = this.#timers.after(this.#backoff.nextMs(), () => {
      this.#stopTimer = undefined;
      void this.settle();
    });
  }

  #isBypassed(keys: readonly string[]): boolean {
    if (this.#debt.isEmpty) return false;
    this.stats.bypassed += keys.length;
    return true;
  }

  #mayUse(tags: readonly string[]): boolean {
    if (this.#options.mayUseRemote === undefined) return true;
    return tags.every(
      (tag) => !tag.startsWith(SUBGRAPH_PREFIX) || this.#mayUseSource(tag.slice(SUBGRAPH_PREFIX.length)),
    );
  }

  #mayUseSource(source: string): boolean {
    return this.#options.mayUseRemote?.(source) ?? true;
  }
}
