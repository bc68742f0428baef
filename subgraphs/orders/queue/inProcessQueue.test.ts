import { jobQueueContract, QUICK_RETRY } from '../../../test/support/jobQueueContract.js';
import { createInProcessQueue } from './inProcessQueue.js';
import type { JobQueue } from './jobQueue.js';

describe('the queue in this process', () => {
  let queue: JobQueue;
  jobQueueContract(async () => {
    queue = createInProcessQueue({ retry: QUICK_RETRY });
    return queue;
  });
  afterEach(() => queue.close());

  it('takes nothing once it is closed', async () => {
    await queue.close();
    await expect(queue.add({ id: 'a', orderId: 'a' })).rejects.toThrow('the queue is closed');
  });
});
