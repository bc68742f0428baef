import { bucketOfCustomer, bucketOfOrder, orderIdOf } from './orderId.js';

describe('order id', () => {
  it('is the same for the same customer and key, and differs when either does', () => {
    const ids = [orderIdOf('ada', 'k1'), orderIdOf('ada', 'k2'), orderIdOf('grace', 'k1')];
    expect(orderIdOf('ada', 'k1')).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
  });

  it('does not confuse where the customer ends and the key begins', () => {
    expect(orderIdOf('ada', '","k')).not.toBe(orderIdOf('ada","', 'k'));
    expect(orderIdOf('ada1', '2')).not.toBe(orderIdOf('ada', '12'));
  });

  it("carries its customer's bucket", () => {
    expect(bucketOfOrder(orderIdOf('ada', 'k1'))).toBe(bucketOfCustomer('ada'));
  });

  it.each([
    '',
    'abc',
    'books-0001',
    `${orderIdOf('ada', 'k')}0`,
    orderIdOf('ada', 'k').toUpperCase(),
    'xyz-00',
  ])('has no bucket in %p, which is no order id', (id) => {
    expect(bucketOfOrder(id)).toBeUndefined();
  });

  it('spreads customers over many buckets', () => {
    const buckets = new Set(
      Array.from({ length: 2_000 }, (_, index) => bucketOfCustomer(`customer-${index}`)),
    );
    expect(buckets.size).toBeGreaterThan(1_400);
  });
});
