import { GraphQLError, type GraphQLErrorOptions } from 'graphql';

interface ErrorCode {
  /** HTTP status when the whole request fails with it; 200 where only fields fail. */
  readonly status: number;
  readonly meaning: string;
}

/** Every code a client can meet in `extensions.code`. Codes are stable: add, never rename. `docs/errors.md` shows this table. */
export const ERROR_CODES = {
  GRAPHQL_PARSE_FAILED: { status: 400, meaning: 'The document is not GraphQL.' },
  GRAPHQL_VALIDATION_FAILED: { status: 400, meaning: 'The operation does not fit the schema.' },
  OPERATION_RESOLUTION_FAILURE: {
    status: 400,
    meaning: 'Which operation of the document to run is unclear.',
  },
  PERSISTED_QUERY_NOT_FOUND: { status: 200, meaning: 'This id is not known yet: send the document once.' },
  OPERATION_ID_REQUIRED: { status: 400, meaning: 'Operations are run by their id here, not by their text.' },
  OPERATION_NOT_LISTED: {
    status: 403,
    meaning: 'The operation is not on the list of those that may be run here.',
  },
  PERSISTED_QUERY_NOT_SUPPORTED: { status: 200, meaning: 'Persisted queries are switched off.' },
  BAD_REQUEST: { status: 400, meaning: 'The HTTP request is not a GraphQL request.' },
  BAD_USER_INPUT: { status: 200, meaning: 'An argument or variable is wrong; `argument` names it.' },
  OPERATION_LIMIT_EXCEEDED: {
    status: 400,
    meaning: 'The operation is larger than allowed; `limit` and `maximum` say in what.',
  },
  COST_LIMIT_EXCEEDED: {
    status: 400,
    meaning: 'The operation costs more than allowed; `cost` and `maximum` say how much.',
  },
  BATCHING_NOT_SUPPORTED: { status: 400, meaning: 'One request carries one operation: send several.' },
  REQUEST_TOO_LARGE: {
    status: 413,
    meaning: 'The body has more bytes than allowed, or came in far too many pieces.',
  },
  RATE_LIMITED: {
    status: 429,
    meaning: 'Too many requests; `Retry-After` says when to try again, `policy` which limit it was.',
  },
  INVALID_TOKEN: { status: 401, meaning: 'The token is expired, or not one that counts here.' },
  TOKEN_REQUIRED: { status: 401, meaning: 'Nobody may ask anything here without an identity.' },
  IDENTITY_UNAVAILABLE: {
    status: 503,
    meaning: 'Tokens cannot be verified just now: their issuer does not answer.',
  },
  UNAUTHENTICATED: { status: 200, meaning: 'This needs an identity, and the request has none.' },
  UNAUTHORIZED_FIELD_OR_TYPE: {
    status: 200,
    meaning: 'The caller may not see this field, so it was not asked for.',
  },
  FORBIDDEN: { status: 200, meaning: 'This identity may not do that.' },
  IDEMPOTENCY_KEY_REUSED: { status: 200, meaning: 'The key belongs to an order with other contents.' },
  ILLEGAL_ORDER_STATE: { status: 200, meaning: 'The order is past the state in which this is possible.' },
  TEMPORARILY_UNAVAILABLE: {
    status: 200,
    meaning:
      'A database is away for a moment: ask again. Whether a mutation was done is not known: an order is sent again with the same key.',
  },
  CONFLICT: { status: 200, meaning: 'The thing exists already, or was changed by someone else meanwhile.' },
  CURSOR_LOST: {
    status: 200,
    meaning: 'Events after this cursor are gone: drop what was derived from them.',
  },
  SUBGRAPH_UNAVAILABLE: { status: 200, meaning: 'A subgraph could not be reached; `service` names it.' },
  SUBGRAPH_TIMEOUT: { status: 200, meaning: 'A subgraph did not answer in time; `service` names it.' },
  SUBGRAPH_BAD_RESPONSE: { status: 200, meaning: 'A subgraph answered something that is not GraphQL.' },
  QUERY_PLAN_FAILED: { status: 500, meaning: 'No plan could be made for this operation.' },
  QUERY_PLAN_LIMIT: { status: 400, meaning: 'Planning this operation takes more than it may: ask for less.' },
  UNSUPPORTED_OPERATION: {
    status: 400,
    meaning: 'This kind of operation does not work over this transport.',
  },
  STREAM_LIMIT_REACHED: {
    status: 503,
    meaning: 'This connection, or this process, has as many subscriptions as it may have.',
  },
  EVENTS_LOST: {
    status: 200,
    meaning: 'Events of this subscription were missed: subscribe again, and read again what is shown.',
  },
  SUPERGRAPH_CHANGED: {
    status: 200,
    meaning: 'A subgraph of this stream is gone, or lives elsewhere: subscribe again.',
  },
  NOT_READY: { status: 503, meaning: 'The process has no supergraph yet, or is shutting down.' },
  OVERLOADED: {
    status: 503,
    meaning: 'There is too much to do at the moment; `Retry-After` says when to try again.',
  },
  NOT_FOUND: { status: 404, meaning: 'The registry has nothing under this name, number or path.' },
  NOTHING_PUBLISHED: {
    status: 404,
    meaning: 'The registry has no graph yet: nothing was published, or nothing that composes.',
  },
  COMPOSITION_FAILED: {
    status: 422,
    meaning: 'The schemas do not compose, or to a graph that the gateway cannot serve; `faults` says why.',
  },
  OPERATIONS_REFUSED: {
    status: 422,
    meaning:
      'Operations that were published do not fit the graph, or their list; `faults` says which, and why.',
  },
  SCHEMA_TOO_COSTLY: {
    status: 422,
    meaning: 'Composing or checking this schema took more time or memory than the registry allows.',
  },
  INTERNAL_SERVER_ERROR: { status: 500, meaning: 'Our fault. The log has the details under `requestId`.' },
} as const satisfies Record<string, ErrorCode>;

/** The message of `TEMPORARILY_UNAVAILABLE` wherever nothing more is known. */
export const DATABASE_AWAY =
  'A database is away for a moment. Ask again; whether anything was written is not known.';

export type ErrorCodeName = keyof typeof ERROR_CODES;

/** An error that is meant for the client: its message and extensions are sent as they are. */
export class CodedError extends GraphQLError {
  /** Sent with an answer that has nothing but this error, such as `retry-after`. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ErrorCodeName,
    message: string,
    options: Omit<GraphQLErrorOptions, 'extensions'> & {
      extensions?: Record<string, unknown>;
      headers?: Readonly<Record<string, string>>;
      cause?: unknown;
    } = {},
  ) {
    const { extensions, headers = {}, cause, ...rest } = options;
    const { status } = ERROR_CODES[code];
    // Apollo Server takes the HTTP status of the whole answer from `http` and leaves that key out of the answer.
    const http = status === 200 ? {} : { http: { status } };
    super(message, { ...rest, extensions: { ...extensions, code, ...http } });
    this.headers = headers;
    if (cause !== undefined) this.cause = cause;
  }
}

/** `argument` is the path a client wrote, such as `input.items[2].quantity`. */
export function badUserInput(argument: string, message: string): CodedError {
  return new CodedError('BAD_USER_INPUT', `${argument}: ${message}`, { extensions: { argument } });
}

export function isKnownCode(code: unknown): code is ErrorCodeName {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}
