import type { CacheExplanation } from '../../../cache/fetchExplanation';
import type { PlanDescription, TraceReport } from '../../../trace/traceReport';
import type { Run, SentOperation } from '../state/run';

export const GRAPHQL_PATH = '/graphql';

export interface GraphqlResult {
  data?: Record<string, unknown> | null;
  errors?: readonly unknown[];
  extensions?: Record<string, unknown>;
}

export interface Answered {
  readonly run: Run;
  /** As the client asked for it: without what was added for the explorer. */
  readonly result: GraphqlResult;
}

let lastId = 0;

/** What the explorer adds for itself. */
export function ownHeaders(isTracing: boolean, explorerToken: string): Record<string, string> {
  if (!isTracing) return {};
  return {
    'headgate-trace': '1',
    ...(explorerToken !== '' && { 'headgate-explorer-token': explorerToken }),
  };
}

/** Sends one operation over POST. Rejects when there is no answer, or none that is JSON. */
export async function request(sent: SentOperation, added: Record<string, string>): Promise<Answered> {
  const startedAt = performance.now();
  const response = await fetch(GRAPHQL_PATH, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json',
      ...sent.headers,
      'content-type': 'application/json',
      ...added,
    },
    body: bodyOf(sent),
  });
  const answer = await response.arrayBuffer();
  const text = new TextDecoder().decode(answer);
  const durationMs = performance.now() - startedAt;
  const result = parse(text, response.status);
  const { plan, trace, cache, ...others } = result.extensions ?? {};
  const isTraced = added['headgate-trace'] !== undefined;
  const shown = { ...result };
  if (isTraced) {
    delete shown.extensions;
    if (Object.keys(others).length > 0) shown.extensions = others;
  }
  lastId += 1;
  const run: Run = {
    id: lastId,
    sent,
    receivedAt: Date.now(),
    status: response.status,
    durationMs,
    bytes: answer.byteLength - (isTraced ? JSON.stringify({ plan, trace, cache }).length : 0),
    xCache: response.headers.get('x-cache') ?? undefined,
    age: response.headers.get('age') ?? undefined,
    errors: Array.isArray(result.errors) ? result.errors.length : 0,
    plan: isTraced ? (plan as PlanDescription | undefined) : undefined,
    trace: isTraced ? (trace as TraceReport | undefined) : undefined,
    cache: isTraced ? (cache as CacheExplanation | undefined) : undefined,
  };
  return { run, result: shown };
}

export function bodyOf({ query, variables, operationName }: SentOperation): string {
  return JSON.stringify({ query, variables, operationName });
}

function parse(text: string, status: number): GraphqlResult {
  try {
    return JSON.parse(text) as GraphqlResult;
  } catch {
    throw new Error(`The gateway answered with status ${status}, and a body that is not JSON.`);
  }
}
