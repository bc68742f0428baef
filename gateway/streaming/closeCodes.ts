/**
 * Every code with which the gateway closes a WebSocket. `docs/subscriptions.md` shows this table. Clients that know
 * `graphql-transport-ws` connect again after those with `reconnect`, and give up after the others.
 */
export const CLOSE_CODES = {
  goingAway: {
    code: 1012,
    reconnect: true,
    meaning: 'This process shuts down or is replaced: connect again, and subscribe again.',
  },
  badRequest: { code: 4400, reconnect: false, meaning: 'A message that is none of the protocol.' },
  unauthorized: {
    code: 4401,
    reconnect: false,
    meaning: 'An operation before `connection_init` was acknowledged.',
  },
  forbidden: {
    code: 4403,
    reconnect: true,
    meaning: 'What `connection_init` brought is refused, or not valid any more: connect with something new.',
  },
  wrongSubprotocol: {
    code: 4406,
    reconnect: false,
    meaning: 'The client does not speak `graphql-transport-ws`.',
  },
  initTimeout: { code: 4408, reconnect: true, meaning: 'No `connection_init` came in time.' },
  operationExists: { code: 4409, reconnect: true, meaning: 'An operation with this id is under way.' },
  tooManyInits: { code: 4429, reconnect: false, meaning: '`connection_init` came twice.' },
  internalError: { code: 4500, reconnect: false, meaning: 'Our fault. The log has the details.' },
  tooSlow: {
    code: 4513,
    reconnect: true,
    meaning: 'The client reads more slowly than it is sent to. Results were lost: read again what is shown.',
  },
} as const satisfies Record<string, CloseCode>;

export interface CloseCode {
  readonly code: number;
  /** Whether it makes sense to connect again. */
  readonly reconnect: boolean;
  readonly meaning: string;
}

export type CloseReason = keyof typeof CLOSE_CODES;
