/** A job was not done, and not for a fault of ours: it took too long or too much, or there are too many. */
export class WorkRefusedError extends Error {
  override readonly name = 'WorkRefusedError';
  constructor(
    readonly why: 'time' | 'memory' | 'queue' | 'closed',
    message: string,
  ) {
    super(message);
  }
}
