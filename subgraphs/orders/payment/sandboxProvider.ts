import type { Database, StoredDocument } from '../../../platform/database/database.js';
import { systemTimers, type Timers } from '../../../platform/database/timers.js';
import { SANDBOX_CHARGES } from '../collections.js';
import type { CancelResult, ChargeRequest, ChargeResult, PaymentProvider } from './paymentProvider.js';

/** What the sandbox remembers of one key. Charged are those of state `charged`. */
export interface SandboxCharge extends StoredDocument {
  /** The idempotency key. */
  readonly _id: string;
  readonly state: 'pending' | 'charged' | 'declined' | 'refunded' | 'cancelled';
  readonly amountMinor: number;
  readonly currency: string;
  /** When a pending one is charged. */
  readonly settlesAt: Date | null;
  /** How often it was asked for. */
  readonly requests: number;
}

export interface SandboxProviderOptions {
  /** Keeps the charges: they must outlive the process that asked for them, and be seen by all. */
  readonly database: Database;
  /** How long a `late` payment is pending. @default 3000 */
  readonly lateMs?: number | undefined;
  /** @default systemTimers */
  readonly timers?: Timers | undefined;
}

/** The provider carried the charge out, and its answer did not arrive. */
export class PaymentTimeoutError extends Error {
  override readonly name = 'PaymentTimeoutError';
}

/**
 * A payment service for laptops and tests, which moves no money. The token decides: `declined` is declined; `timeout` is
 * charged, and the answer is lost the first time; `late` is pending for a while, then charged and called back twice.
 */
export function createSandboxProvider(options: SandboxProviderOptions): PaymentProvider {
  const { database, lateMs = 3_000, timers = systemTimers } = options;
  const charges = database.collection<SandboxCharge>(SANDBOX_CHARGES);
  const listeners = new Set<(idempotencyKey: string) => void>();
  const stops = new Set<() => void>();

  const find = (_id: string) => charges.findOne({ _id });

  /** A pending charge whose time has come is charged, whoever looks first. */
  async function settle(_id: string): Promise<void> {
    await charges.updateOne(
      { _id, state: 'pending', settlesAt: { $lte: new Date(timers.now()) } },
      { $set: { state: 'charged' } },
    );
  }

  function callBackLater(key: string): void {
    const stop = timers.after(lateMs + 1, () => {
      stops.delete(stop);
      void settle(key).then(
        () => {
          // Twice, as providers do that did not hear our answer.
          for (const listener of [...listeners, ...listeners]) listener(key);
        },
        // Callbacks may be lost: that is no fault of this process.
        () => undefined,
      );
    });
    stops.add(stop);
  }

  function newCharge({ idempotencyKey, amount, token }: ChargeRequest): SandboxCharge {
    const state = token === 'declined' ? 'declined' : token === 'late' ? 'pending' : 'charged';
    const settlesAt = state === 'pending' ? new Date(timers.now() + lateMs) : null;
    return { _id: idempotencyKey, ...amount, state, settlesAt, requests: 0 };
  }

  return {
    async charge(request) {
      const { idempotencyKey: _id, token } = request;
      const created = (await charges.insertMissing([newCharge(request)])) === 1;
      await charges.updateOne({ _id }, { $inc: { requests: 1 } });
      if (created && token === 'late') callBackLater(_id);
      if (created && token === 'timeout')
        throw new PaymentTimeoutError('the payment provider did not answer in time');
      await settle(_id);
      return resultOf(await find(_id));
    },

    async cancel(_id): Promise<CancelResult> {
      await settle(_id);
      const forbidden = { amountMinor: 0, currency: '', settlesAt: null, requests: 0 };
      await charges.insertMissing([{ _id, state: 'cancelled', ...forbidden }]);
      await charges.updateOne({ _id, state: 'pending' }, { $set: { state: 'cancelled' } });
      await charges.updateOne({ _id, state: 'charged' }, { $set: { state: 'refunded' } });
      return (await find(_id))?.state === 'refunded' ? 'refunded' : 'nothing charged';
    },

    onSettled(listener) {
      listeners.add(listener);
    },

    async close() {
      for (const stop of stops) stop();
      listeners.clear();
    },
  };
}

function resultOf(charge: SandboxCharge | null): ChargeResult {
  if (charge === null) throw new Error('the sandbox forgot a charge');
  return charge.state === 'refunded' ? 'cancelled' : charge.state;
}
