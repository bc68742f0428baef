import { ManualTimers } from '../../../test/support/manualTimers.js';
import { onBothDatabases } from '../../../test/support/onBothDatabases.js';
import { until } from '../../../test/support/until.js';
import { ORDERS_COLLECTIONS, SANDBOX_CHARGES } from '../collections.js';
import { createSandboxProvider, PaymentTimeoutError, type SandboxCharge } from './sandboxProvider.js';

const LATE_MS = 3_000;

onBothDatabases('the sandbox of payments', (open) => {
  async function openSandbox() {
    const database = await open(ORDERS_COLLECTIONS);
    const timers = new ManualTimers();
    const options = { database, lateMs: LATE_MS, timers };
    const charge = (token?: string) => ({
      idempotencyKey: 'order-1',
      amount: { amountMinor: 1_999, currency: 'EUR' },
      token,
    });
    return {
      timers,
      charge,
      provider: createSandboxProvider(options),
      other: createSandboxProvider(options),
      charges: () => database.collection<SandboxCharge>(SANDBOX_CHARGES).find({}),
    };
  }

  it('charges once by key, whoever asks how often', async () => {
    const { provider, other, charge, charges } = await openSandbox();
    const asked = Array.from({ length: 20 }, (_, n) => (n % 2 ? provider : other).charge(charge()));
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['charged']));
    expect(await charges()).toMatchObject([
      { _id: 'order-1', state: 'charged', amountMinor: 1_999, requests: 20 },
    ]);
  });

  it('declines, again and again', async () => {
    const { provider, charge } = await openSandbox();
    expect(await provider.charge(charge('declined'))).toBe('declined');
    expect(await provider.charge(charge('declined'))).toBe('declined');
    expect(await provider.cancel('order-1')).toBe('nothing charged');
  });

  it('has charged although its answer was lost, and says so when asked again', async () => {
    const { provider, charge, charges } = await openSandbox();
    await expect(provider.charge(charge('timeout'))).rejects.toThrow(PaymentTimeoutError);
    expect(await charges()).toMatchObject([{ state: 'charged' }]);
    expect(await provider.charge(charge('timeout'))).toBe('charged');
    expect(await charges()).toHaveLength(1);
  });

  it('charges late, and calls back twice', async () => {
    const { provider, timers, charge } = await openSandbox();
    const called: string[] = [];
    provider.onSettled((key) => called.push(key));
    expect(await provider.charge(charge('late'))).toBe('pending');
    expect(await provider.charge(charge('late'))).toBe('pending');
    await timers.advance(LATE_MS + 1);
    await until('it called back', () => called.length > 0);
    expect(called).toEqual(['order-1', 'order-1']);
    expect(await provider.charge(charge('late'))).toBe('charged');
  });

  it('knows what is settled although the process that should call back is gone', async () => {
    const { provider, other, timers, charge } = await openSandbox();
    await provider.charge(charge('late'));
    await provider.close();
    await timers.advance(LATE_MS);
    expect(await other.charge(charge('late'))).toBe('charged');
  });

  it('refunds once, and charges nothing any more under that key', async () => {
    const { provider, other, charge, charges } = await openSandbox();
    await provider.charge(charge());
    expect(await Promise.all([provider.cancel('order-1'), other.cancel('order-1')])).toEqual([
      'refunded',
      'refunded',
    ]);
    expect(await provider.charge(charge())).toBe('cancelled');
    expect(await charges()).toMatchObject([{ state: 'refunded' }]);
  });

  it('forbids a charge that comes after it was cancelled, and one that was pending', async () => {
    const { provider, timers, charge, charges } = await openSandbox();
    expect(await provider.cancel('order-1')).toBe('nothing charged');
    expect(await provider.charge(charge())).toBe('cancelled');
    const late = { ...charge('late'), idempotencyKey: 'order-2' };
    await provider.charge(late);
    expect(await provider.cancel('order-2')).toBe('nothing charged');
    await timers.advance(LATE_MS * 2);
    expect(await provider.charge(late)).toBe('cancelled');
    expect((await charges()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  });
});
