import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// Preloaded (`node --require`) into a measured process: answers each message of its parent with what it has used so far.
process.on('message', (message) => {
  if (message === 'memory') collectGarbage();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({
    cpuMs: (user + system) / 1000,
    rssBytes: rss,
    liveBytes: heapUsed + external,
    handles: process.getActiveResourcesInfo().length,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  });
});
// The channel alone must not keep a process alive that wants to end.
process.channel?.unref();

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What finalizers let go of is gone after the second time.
  collect();
  collect();
}
