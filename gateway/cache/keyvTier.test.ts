import {
  bodiesOf,
  cacheTierContract,
  fill,
  recordFor,
  STAGE_START,
} from '../../test/support/cacheTierContract.js';
import { createKeyvTier } from './keyvTier.js';

describe('the Keyv tier', () => {
  cacheTierContract(
    async () => {
      let time = STAGE_START;
      const tier = createKeyvTier({ now: () => time });
      return {
        tier,
        advance: (ms) => {
          time += ms;
        },
        putRaw: async (key, text) => {
          await tier.keyv.store.set(key, text);
        },
        loseEverything: () => tier.purgeEverything(),
      };
    },
    ({ tier }) => tier.close(),
    ['putRaw', 'loseEverything'],
  );

  it('does not grow beyond its bytes', async () => {
    const tier = createKeyvTier({ maxBytes: 100_000, now: () => STAGE_START });
    for (let index = 0; index < 1_000; index++) {
      await fill(tier, `key ${index}`, recordFor(['t'], { body: 'x'.repeat(1_000) }));
    }
    const count = await tier.count(['t']);
    expect(count).toBeGreaterThan(50);
    expect(count).toBeLessThan(100);
    expect(await bodiesOf(tier, ['key 0'])).toEqual([undefined]);
    expect((await bodiesOf(tier, ['key 999']))[0]).toBeDefined();
  });

  it('purges everything at once', async () => {
    const tier = createKeyvTier({ now: () => STAGE_START });
    const [token] = await tier.begin(['b']);
    await fill(tier, 'a', recordFor(['t']));
    await tier.purgeEverything();
    expect(await bodiesOf(tier, ['a'])).toEqual([undefined]);
    expect(await tier.write([{ key: 'b', record: recordFor(['u']), token: token as never }])).toEqual([
      false,
    ]);
  });
});
