import { cacheTierContract, STAGE_START } from '../../test/support/cacheTierContract.js';
import { MemoryStore } from './memoryStore.js';
import { memoryTier } from './memoryTier.js';

describe('the memory tier', () => {
  cacheTierContract(
    async () => {
      let time = STAGE_START;
      const now = () => time;
      const store = new MemoryStore({ maxBytes: 64 * 1024 * 1024, now });
      return {
        tier: memoryTier(store, now),
        advance: (ms) => {
          time += ms;
        },
      };
    },
    ({ tier }) => tier.close(),
    [],
  );
});
