// Preloaded (`node --require`) into a measured process: answers each message of its parent with what it has used so far.
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() });
});
// The channel alone must not keep a process alive that wants to end.
process.channel?.unref();
