import type { SentOperation } from '../state/run';
import { bodyOf, GRAPHQL_PATH } from './request';

/** The operation as a command for a POSIX shell. */
export function curlPost(sent: SentOperation): string {
  return [
    `curl ${quote(location.origin + GRAPHQL_PATH)}`,
    "-H 'content-type: application/json'",
    ...headersOf(sent),
    `--data-raw ${quote(bodyOf(sent))}`,
  ].join(' \\\n  ');
}

/**
 * The operation by its id, as a cache on the way can keep it. The gateway has to know the id: a POST with the text and
 * the same `extensions` teaches it.
 */
export function curlGet(sent: SentOperation, id: string): string {
  const extensions = persistedQuery(id);
  const parts = [
    ...(sent.operationName === undefined ? [] : [`operationName=${sent.operationName}`]),
    ...(sent.variables === undefined ? [] : [`variables=${JSON.stringify(sent.variables)}`]),
    `extensions=${JSON.stringify(extensions)}`,
  ];
  return [
    `curl -G ${quote(location.origin + GRAPHQL_PATH)}`,
    "-H 'apollo-require-preflight: true'",
    ...headersOf(sent),
    ...parts.map((part) => `--data-urlencode ${quote(part)}`),
  ].join(' \\\n  ');
}

/** Makes the gateway remember the text under its id. */
export async function teachId(sent: SentOperation, id: string): Promise<void> {
  await fetch(GRAPHQL_PATH, {
    method: 'POST',
    headers: { ...sent.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ ...JSON.parse(bodyOf(sent)), extensions: persistedQuery(id) }),
  });
}

function persistedQuery(sha256Hash: string) {
  return { persistedQuery: { version: 1, sha256Hash } };
}

function headersOf({ headers }: SentOperation): string[] {
  return Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
