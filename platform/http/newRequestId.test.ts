import { newRequestId } from './newRequestId.js';

describe('newRequestId', () => {
  it('is a UUID of random bits, another one each time', () => {
    const ids = Array.from({ length: 1_000 }, newRequestId);
    const random = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(ids.filter((id) => !random.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(1_000);
  });
});
