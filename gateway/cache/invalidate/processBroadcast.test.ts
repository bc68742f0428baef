import { describeBroadcast } from '../../../test/support/broadcastContract.js';
import { createProcessBroadcast, ProcessChannel } from './processBroadcast.js';

describeBroadcast('in one process', async () => {
  const channel = new ProcessChannel();
  return {
    join: async (origin) => createProcessBroadcast(origin, channel),
    say: async (text) => channel.send(text),
  };
});
