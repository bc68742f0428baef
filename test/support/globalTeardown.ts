async function globalTeardown(): Promise<void> {
  await globalThis.headgateTestReplicaSet?.[Symbol.asyncDispose]();
}

module.exports = globalTeardown;
