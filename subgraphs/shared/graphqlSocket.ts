import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type ExecutionArgs,
  type FormattedExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { errorMasking } from '../../platform/errorMasking.js';
import { CodedError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { positionExtensions, positionOf } from './eventPosition.js';

/** What a subscriber said about itself: the upgrade request, `connection_init`, and the operation. */
export interface SocketRequest {
  readonly request: IncomingMessage;
  readonly connectionParams: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface GraphqlSocketOptions {
  readonly schema: GraphQLSchema;
  /** A context with a `position` has its events tell where they stand. */
  createContext(input: SocketRequest): { readonly requestId: string };
  /** Refused connections are closed with code 4403. @default everyone may connect */
  authorize?(connectionParams: Readonly<Record<string, unknown>>): boolean;
  /** @default 12000 */
  readonly keepAliveMs?: number;
  readonly logger: Logger;
}

export interface GraphqlSocket {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends every subscription and closes every connection, with code 1001: clients then know to come back. */
  close(): Promise<void>;
}

const MAX_MESSAGE_BYTES = 1024 * 1024;

/** Subscriptions over `graphql-transport-ws`. Queries and mutations are refused: they go over HTTP, where writes are reported. */
export function createGraphqlSocket(options: GraphqlSocketOptions): GraphqlSocket {
  const { schema, keepAliveMs = 12_000, logger } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const { mask } = errorMasking(logger);

  const server = useServer(
    {
      onConnect: (context) => options.authorize?.(context.connectionParams ?? {}) ?? true,
      onSubscribe(context, _id, payload) {
        const checked = checkOperation(schema, payload);
        if (Array.isArray(checked)) return checked;
        const contextValue = options.createContext({
          request: context.extra.request,
          connectionParams: context.connectionParams ?? {},
          extensions: payload.extensions ?? {},
        });
        return { ...(checked as ExecutionArgs), contextValue };
      },
      onError: (_context, _id, _payload, errors) => mask(errors, undefined),
      onNext(_context, _id, _payload, args, { errors, ...rest }) {
        const { requestId } = args.contextValue as { requestId: string };
        const extensions = positionExtensions(positionOf(args.contextValue));
        return {
          ...rest,
          ...(errors && { errors: mask(errors, requestId) }),
          ...(extensions && { extensions }),
        } as FormattedExecutionResult;
      },
    },
    sockets,
    keepAliveMs,
  );

  return {
    upgrade(request, socket, head) {
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        sockets.emit('connection', webSocket, request);
      });
    },
    async close() {
      await server.dispose();
      for (const client of sockets.clients) client.terminate();
    },
  };
}

function checkOperation(schema: GraphQLSchema, payload: SubscribePayload): ExecutionArgs | GraphQLError[] {
  let document: ExecutionArgs['document'];
  try {
    document = parse(payload.query);
  } catch (error) {
    return [coded('GRAPHQL_PARSE_FAILED', error as GraphQLError)];
  }
  const faults = validate(schema, document);
  if (faults.length > 0) return faults.map((fault) => coded('GRAPHQL_VALIDATION_FAILED', fault));
  const operation = getOperationAST(document, payload.operationName);
  if (!operation) {
    return [new CodedError('OPERATION_RESOLUTION_FAILURE', 'Which operation to run is unclear.')];
  }
  if (operation.operation !== 'subscription') {
    return [new CodedError('UNSUPPORTED_OPERATION', 'Only subscriptions work over a WebSocket here.')];
  }
  return {
    schema,
    document,
    operationName: payload.operationName ?? null,
    variableValues: payload.variables ?? null,
  };
}

function coded(code: 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED', error: GraphQLError): CodedError {
  const { nodes, source, positions } = error;
  return new CodedError(code, error.message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
  });
}
