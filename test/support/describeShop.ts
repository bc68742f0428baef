import { describeReal, realMongodbUri } from './realParts.js';
import { type Shop, type ShopOptions, startShop } from './startShop.js';

/**
 * Stories of the sample system, told on the embedded database and on a real MongoDB. One shop serves all tests of a
 * suite: each leaves alone what the others look at.
 */
export function describeShop(
  name: string,
  define: (shop: () => Shop) => void,
  options: Omit<ShopOptions, 'newUri'> = {},
): void {
  describe(`${name}, embedded`, () => openedFor(() => undefined, define, options));
  describeReal('mongodb', `${name}, on MongoDB`, () => openedFor(realMongodbUri, define, options));
}

function openedFor(
  newUri: () => string | undefined,
  define: (shop: () => Shop) => void,
  options: Omit<ShopOptions, 'newUri'>,
): void {
  let shop: Shop | undefined;
  beforeAll(async () => {
    shop = await startShop({ ...options, newUri });
  });
  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]();
  });
  define(() => {
    if (shop === undefined) throw new Error('the shop is open only while a test runs');
    return shop;
  });
}
