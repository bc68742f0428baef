/** Exit codes that scripts can rely on. */
export const EXIT_CODES = {
  /** A fault on our side, here or in the server. */
  failed: 1,
  /** The command line or the configuration cannot be used, or the server refused what it was asked. */
  badInput: 2,
  unauthorised: 3,
  unreachable: 4,
  /** The server has looked at what it was given, and said no: a check failed, or a schema does not compose. */
  rejected: 5,
} as const;

/** A command cannot do what it should; the message is for the person who gave it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    readonly exitCode: (typeof EXIT_CODES)[keyof typeof EXIT_CODES],
  ) {
    super(message);
  }
}
