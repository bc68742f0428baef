import { type Stack, type StackOptions, startStack } from './startStack.js';

/** A stack that Ctrl-C stops, also while it starts: everything ends, its folder goes, and this process exits with 130. */
export async function stackUntilSignal(options: Omit<StackOptions, 'signal'>): Promise<Stack> {
  const end = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => end.abort(new Error('stopped before it was up')));
  const stack = await startStack({ ...options, signal: end.signal });
  end.signal.addEventListener('abort', () => {
    options.report('stopping everything, in reverse order');
    void stack[Symbol.asyncDispose]().then(
      () => process.exit(130),
      () => process.exit(1),
    );
  });
  return stack;
}
