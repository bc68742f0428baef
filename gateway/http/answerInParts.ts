import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GraphQLError, OperationTypeNode } from 'graphql';
import { CONSISTENCY_HEADER } from '../cache/consistencyToken.js';
import { deferStepOf, executeInParts } from '../execution/executeInParts.js';
import { executePlanToJson } from '../execution/executePlanToJson.js';
import { defersSomething } from '../execution/prepare/defer.js';
import type { ExecutePlanResult } from '../execution/types.js';
import type { Caller } from '../identity/caller.js';
import { noteResult, planOperation } from '../planOperation.js';
import type { RequestContext } from '../requestContext.js';
import { asGraphQLError } from '../streaming/asGraphQLError.js';
import { MultipartWriter } from '../streaming/http/multipartWriter.js';
import { createPrepareOperation, kindOf, type PreparedOperation } from '../streaming/prepareOperation.js';
import { type DirectExecutionOptions, statusOf } from './executeDirectly.js';
import { type PlainRequest, readPlainRequest } from './readPlainRequest.js';

export interface AnswerInPartsOptions extends DirectExecutionOptions {
  /** @throws CodedError `OVERLOADED` while as much is under way as can be done */
  shed<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Answers queries with `@defer` part by part, to clients that take it so.
 * @returns what runs and answers the request, or `undefined` when it is to be answered in one piece
 */
export type AnswerInParts = (
  request: IncomingMessage,
  body: Buffer,
  caller: Caller,
) => ((response: ServerResponse, context: RequestContext) => Promise<void>) | undefined;

/** The only version of the format that clients ask for by a name, so far. */
const VERSION = 'deferSpec=20220824';
const ACCEPTED = /multipart\/mixed\s*;\s*deferSpec="?20220824"?/i;
const DEFER = Buffer.from('@defer');

export function createAnswerInParts(options: AnswerInPartsOptions): AnswerInParts {
  const { masking, config, persisted } = options;
  const prepare = createPrepareOperation({
    introspection: config.introspection,
    maxEntries: config.planCacheEntries,
    admit: () => undefined,
  });

  async function run(
    prepared: PreparedOperation,
    { query, variables }: PlainRequest,
    response: ServerResponse,
    context: RequestContext,
  ): Promise<void> {
    const { requestId } = context;
    const { snapshot, documentKey, operation } = prepared;
    const mask = (errors: readonly GraphQLError[]) => masking.mask(errors, requestId);
    const planned = await planOperation(
      { variables, inParts: true, ...prepared },
      options.fetchFor(snapshot),
      context,
    );
    if (planned.errors) return refuse(response, planned.errors, 400, context);
    const { plan, args } = planned;
    const name = operation.name?.value;
    options.recent.note({ text: query, operationName: name, authority: context.caller }, documentKey);
    const outcome = { hasErrors: false, hasInvalidValues: false };
    const note = ({ errors, extensions }: ExecutePlanResult): void => {
      outcome.hasErrors ||= errors !== undefined;
      outcome.hasInvalidValues ||= extensions !== undefined;
    };
    const inJson = (result: ExecutePlanResult): object => ({
      ...result,
      ...(result.errors && { errors: mask(result.errors) }),
    });
    const step = deferStepOf(plan, args.variables);
    const token = options.consistencyToken(context);
    if (token !== undefined) response.setHeader(CONSISTENCY_HEADER, token);
    if (step === undefined) {
      // Another operation of the document defers something, or this one asks for the schema.
      const whole = await snapshot.planAside(prepared.document, documentKey, name, context.caller);
      const { body, errors, hasData, hasInvalidValues } = await executePlanToJson(whole, {
        formatErrors: mask,
        ...args,
      });
      noteResult(context, { hasErrors: errors !== undefined, hasInvalidValues });
      return sendWhole(response, statusOf(errors ?? []) ?? (hasData ? 200 : 400), body);
    }
    let writer: MultipartWriter | undefined;
    await executeInParts(plan, step, args, {
      first(result, hasNext) {
        note(result);
        if (response.destroyed) return;
        writer = new MultipartWriter(response, { boundary: '-', parameters: VERSION });
        writer.part(JSON.stringify({ ...inJson(result), hasNext }));
      },
      next(results, hasNext) {
        for (const result of results) note(result);
        const incremental = results.length > 0 ? { incremental: results.map(inJson) } : {};
        if (results.length > 0 || !hasNext) writer?.part(JSON.stringify({ ...incremental, hasNext }));
      },
    });
    writer?.end();
    noteResult(context, outcome);
  }

  function refuse(
    response: ServerResponse,
    errors: readonly GraphQLError[],
    status: number,
    { requestId }: RequestContext,
  ): void {
    const body = JSON.stringify({ errors: masking.mask(errors, requestId) });
    sendWhole(response, statusOf(errors) ?? status, body);
  }

  return (request, body, caller) => {
    if (!ACCEPTED.test(request.headers.accept ?? '') || !body.includes(DEFER)) return undefined;
    const plain = readPlainRequest(request, body, (sent) => persisted.judge(sent, request.headers));
    const snapshot = options.snapshot();
    if (plain === undefined || snapshot === undefined) return undefined;
    options.admit(plain);
    const prepared = prepare(snapshot, plain);
    if ('errors' in prepared || kindOf(prepared) !== 'single') return undefined;
    const { document, documentKey, operation } = prepared;
    // Of a write the client is told whole how it went.
    if (operation.operation !== OperationTypeNode.QUERY) return undefined;
    if (!defersSomething(document, operation, plain.variables)) return undefined;
    if (!snapshot.mayPlanInParts(document, documentKey, caller)) return undefined;
    persisted.note(plain.verdict, request.headers);
    return (response, context) =>
      options.shed(async () => {
        try {
          await run(prepared, plain, response, context);
        } catch (error) {
          // The client sees that the response is not whole.
          if (response.headersSent) response.destroy();
          refuse(response, [asGraphQLError(error)], 500, context);
        }
      });
  };
}

function sendWhole(response: ServerResponse, status: number, body: string): void {
  if (response.headersSent || response.destroyed) return;
  response.setHeader('cache-control', 'no-store');
  const bytes = Buffer.from(`${body}\n`);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
  });
  response.end(bytes);
}
