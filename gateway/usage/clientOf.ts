import type { IncomingHttpHeaders } from 'node:http';
import type { UsageClient } from './usageMark.js';

/** Clients name themselves as they like; nobody keeps a novel. */
const MAX_CHARACTERS = 100;

/** Lower-case names of the headers that it is taken from. */
export const CLIENT_HEADERS = [
  'apollographql-client-name',
  'apollographql-client-version',
  'graphql-client-name',
  'graphql-client-version',
];

const UNKNOWN: UsageClient = { name: '', version: '' };

/** What a request says of the program that sent it, in Apollo's headers or in those that others use. */
export function clientOf(headers: IncomingHttpHeaders): UsageClient {
  const name = headers['apollographql-client-name'] ?? headers['graphql-client-name'];
  const version = headers['apollographql-client-version'] ?? headers['graphql-client-version'];
  if (name === undefined && version === undefined) return UNKNOWN;
  return { name: textOf(name), version: textOf(version) };
}

function textOf(value: string | string[] | undefined): string {
  const text = Array.isArray(value) ? value[0] : value;
  return text?.slice(0, MAX_CHARACTERS) ?? '';
}
