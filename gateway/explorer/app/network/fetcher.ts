import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { type DocumentNode, Kind, OperationTypeNode, visit } from 'graphql';
import type { SentOperation } from '../state/run';
import { changeState, readState, showRun } from '../state/store';
import { subscribeLive } from './live';
import { GRAPHQL_PATH, ownHeaders, request } from './request';
import { LARGE_RESULT, shorten } from './shorten';

/** In parts, over multipart: GraphiQL's own puts them together. */
const incremental = createGraphiQLFetcher({ url: GRAPHQL_PATH });

/** How GraphiQL's editors reach the gateway. What they ask for the schema with is neither traced nor shown. */
export const fetcher: Fetcher = async (params, options) => {
  const sent = toSent(params, options?.headers);
  if (sent.operationName === 'IntrospectionQuery') return (await request(sent, {})).result as never;
  const document = options?.documentAST;
  changeState({ large: undefined, notice: '' });
  if (
    kindOf(document, sent.operationName) === OperationTypeNode.SUBSCRIPTION ||
    hasDirective(document, ['live'])
  ) {
    return subscribeLive(sent) as never;
  }
  if (hasDirective(document, ['defer', 'stream'])) return incremental(params, options);
  const { isTracing, explorerToken } = readState();
  const { run, result } = await request(sent, ownHeaders(isTracing, explorerToken));
  showRun(run);
  if (run.bytes <= LARGE_RESULT) return result as never;
  changeState({ large: { text: JSON.stringify(result), bytes: run.bytes } });
  return shorten(result) as never;
};

function toSent(
  { query, variables, operationName }: Parameters<Fetcher>[0],
  headers: Readonly<Record<string, unknown>> | undefined,
): SentOperation {
  return {
    query,
    variables: (variables ?? undefined) as SentOperation['variables'],
    operationName: operationName ?? undefined,
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
    ),
  };
}

function kindOf(document: DocumentNode | undefined, name: string | undefined): OperationTypeNode | undefined {
  const operations =
    document?.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION) ?? [];
  const operation = operations.find((each) => name === undefined || each.name?.value === name);
  return operation?.operation;
}

function hasDirective(document: DocumentNode | undefined, names: readonly string[]): boolean {
  let found = false;
  if (document !== undefined) {
    visit(document, {
      Directive({ name }) {
        if (names.includes(name.value)) found = true;
      },
    });
  }
  return found;
}
