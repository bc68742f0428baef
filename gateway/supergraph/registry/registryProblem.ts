/** What can be wrong between a gateway and its registry. Part of metrics and of the health detail: add, never rename. */
export const REGISTRY_PROBLEMS = [
  /** No connection, or one that broke. */
  'unreachable',
  'timeout',
  /** It does not know our token, or the token may not read. */
  'denied',
  /** There is nothing to serve yet. */
  'unpublished',
  /** It answered something else than the contract says, or the text is not the one that was signed. */
  'garbage',
  /** Nobody whose key we know signed it. */
  'signature',
  /** Rightly signed, and older than what it gave before: somebody replays it, or the registry lost what it knew. */
  'outdated',
  /** Rightly signed, and no supergraph that this gateway can serve. */
  'unservable',
] as const;

export type RegistryProblemKind = (typeof REGISTRY_PROBLEMS)[number];

/** The registry cannot be followed right now. */
export class RegistryProblem extends Error {
  override readonly name = 'RegistryProblem';

  constructor(
    readonly kind: RegistryProblemKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
