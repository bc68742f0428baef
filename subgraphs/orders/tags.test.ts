import type { ChangeEvent } from '../../platform/database/database.js';
import { formatOperationTime } from '../../platform/database/operationTime.js';
import { tagsOfOrderEvent } from './tags.js';

describe('tags of an order event', () => {
  const event = (images: Partial<Pick<ChangeEvent, 'before' | 'after'>>): ChangeEvent => ({
    kind: 'change',
    collection: 'orders',
    operation: 'update',
    id: 'o-1',
    before: undefined,
    after: undefined,
    cursor: 'c',
    operationTime: formatOperationTime('cluster', 1n),
    ...images,
  });
  const image = { _id: 'o-1', customerId: 'ada lovelace' };

  it.each([{ before: image }, { after: image }])('name the customer if one of the images does', (images) => {
    expect(tagsOfOrderEvent(event(images))).toEqual(['Order:id=o-1', 'Customer:id=ada%20lovelace']);
  });

  it('cover every customer when no image is left to say whose order it was', () => {
    expect(tagsOfOrderEvent(event({}))).toEqual(['Order:id=o-1', 'customers']);
  });
});
