import type { OrderStage } from './orderStage.js';

/** Stock, charges and mail say the same as the orders, to the unit; nothing is left in between. */
export async function expectExactSums(
  stage: OrderStage,
  levels: Readonly<Record<string, number>>,
): Promise<{ readonly confirmed: number; readonly rejected: number; readonly cancelled: number }> {
  const orders = await stage.orders();
  const confirmed = orders.filter(({ status }) => status === 'CONFIRMED');
  const count = (status: string) => orders.filter((order) => order.status === status).length;
  const [rejected, cancelled] = [count('REJECTED'), count('CANCELLED')];
  expect(confirmed.length + rejected + cancelled).toBe(orders.length);
  expect(orders.filter(({ outbox }) => outbox.length > 0)).toEqual([]);

  for (const [productId, units] of Object.entries(levels)) {
    const sold = confirmed
      .flatMap(({ items }) => items)
      .filter((item) => item.productId === productId)
      .reduce((sum, { quantity }) => sum + quantity, 0);
    const { onHand, available, held } = await stage.stock(productId);
    expect({ productId, onHand, available, held }).toEqual({
      productId,
      onHand: units - sold,
      available: units - sold,
      held: [],
    });
    expect(sold).toBeLessThanOrEqual(units);
  }

  const charged = (await stage.charges()).filter(({ state }) => state === 'charged');
  const paid = (all: readonly (readonly [string, number])[]) => [...all].sort(([a], [b]) => (a < b ? -1 : 1));
  expect(paid(charged.map(({ _id, amountMinor }) => [_id, amountMinor]))).toEqual(
    paid(confirmed.map(({ _id, total }) => [_id, total.amountMinor])),
  );

  expect([...new Set(stage.mails)].sort()).toEqual(
    confirmed.map(({ _id }) => `<order.${_id}.confirmed@shop.test>`).sort(),
  );
  return { confirmed: confirmed.length, rejected, cancelled };
}
