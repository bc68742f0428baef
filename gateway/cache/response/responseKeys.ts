import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { EntryLink } from '../memoryStore.js';
import type { PreparedResponse } from './preparedResponse.js';
import { RecentTexts, type TextGroup } from './recentTexts.js';

/** Under which names the answer to one raw request is kept, or waited for. */
export interface ResponseKeys {
  /** For everyone: what no part of which depends on who asks. */
  readonly shared: string;
  /** For this identity alone, or for the anonymous alone. */
  readonly scoped: string;
  /** From the remembered text of the request to what is kept under `shared`. */
  readonly link?: EntryLink<PreparedResponse> | undefined;
}

export interface KeyedRequest {
  readonly request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>;
  /** Empty for GET. */
  readonly body: Buffer;
  /** Of the graph that answers, and of the lists that say what may be asked. */
  readonly schemaId: string;
  /** Hash of the identity; `undefined` for nobody. */
  readonly identityKey: string | undefined;
}

/** Headers that decide whether Apollo Server takes a request at all, or in which format it answers. */
const DECISIVE_HEADERS = ['accept', 'content-type', 'x-apollo-operation-name', 'apollo-require-preflight'];

/** Of what requests have in common, and as much again of the rest of them. A character of raw bytes takes one byte. */
const MAX_REMEMBERED_BYTES = 8 * 1024 * 1024;
/** Where little may be cached, few answers are there to be found by their texts: both together take a sixteenth of it. */
const REMEMBERED_PART_OF_MEMORY = 1 / 32;
/** For longer ones, to look them up costs more than it saves, and few have room. */
const MAX_REMEMBERED_BODY_BYTES = 4096;

/** What decides about the answer besides the one text in which requests differ: the body, or the URL of one without. */
interface Head extends TextGroup {
  readonly schemaId: string;
  readonly method: string | undefined;
  /** Of a request with a body; else it is the text. */
  readonly url: string | undefined;
  /** Of the headers that decide. */
  readonly values: readonly (string | string[] | undefined)[];
  /** Of all but the URL, as it is hashed. */
  readonly text: string;
}

/**
 * Names answers by hashes of all that they can depend on, taken from the raw bytes: nothing is parsed for a hit. Each
 * part is preceded by its length, so that no two requests can share a key by moving characters between parts. Hashes of
 * what was asked lately are remembered: to find the whole text in a map costs less than to hash it.
 *
 * @param propagatedHeaders lower-case names of the client's headers that subgraphs are sent, and answer by, or that
 * decide what may be asked
 * @param memoryBytes what the cache may take
 */
export function createResponseKeys(
  propagatedHeaders: readonly string[],
  memoryBytes: number,
): (request: KeyedRequest) => ResponseKeys {
  const names = [...DECISIVE_HEADERS, ...propagatedHeaders];
  const maxBytes = Math.min(MAX_REMEMBERED_BYTES, memoryBytes * REMEMBERED_PART_OF_MEMORY);
  // Each takes three times what is counted of it: its own text and its headers besides.
  const heads = new RecentTexts<Head>(maxBytes / 3);
  /** The keys of nobody, under their heads; those of somebody differ in their ends. */
  const recent = new RecentTexts<ResponseKeys>(maxBytes);
  /** Most requests begin as the one before them: to compare them costs less than to put the text together. */
  let last: Head | undefined;

  function headOf({ request, body, schemaId }: KeyedRequest): Head {
    const { method, headers } = request;
    const url = body.length === 0 ? undefined : request.url;
    if (last?.schemaId === schemaId && last.method === method && last.url === url) {
      const { values } = last;
      if (names.every((name, index) => headers[name] === values[index])) return last;
    }
    const values = names.map((name) => headers[name]);
    const parts = values.map((value) => part(Array.isArray(value) ? value.join(', ') : value));
    const text = `${schemaId}\n${part(method)}${parts.join('')}`;
    const whole = text + part(url);
    const known = heads.get(whole);
    // Its text, and the headers and the URL that this is made of.
    const characters = 2 * whole.length;
    last = known ?? { schemaId, method, url, values, text, characters };
    if (known === undefined) heads.set(whole, last);
    return last;
  }

  function keysOfNobody(head: Head, url: string | undefined, body: Buffer): ResponseKeys {
    // At once, and as text: a hash object costs more than what it does, and is one more thing to collect.
    if (body.length > MAX_REMEMBERED_BODY_BYTES) return hashed(head, url, body.toString('latin1'));
    // As it came: a text that is put together of others has to be written out before it is looked up.
    const text = body.length === 0 ? (url ?? '') : body.toString('latin1');
    let keys = recent.get(text, head);
    if (keys === undefined) {
      keys = hashed(head, url, body.toString('latin1'), new EntryLink());
      recent.set(text, keys, head);
    }
    return keys;
  }

  return (request) => {
    const { body, identityKey } = request;
    const ofNobody = keysOfNobody(headOf(request), request.request.url, body);
    if (identityKey === undefined) return ofNobody;
    const { shared, link } = ofNobody;
    return { shared, scoped: `${shared}:${identityKey}`, link };
  };
}

/** Written out, with each part: V8 found no way to what it made of a spread but its slowest, for each hit. */
function hashed(
  head: Head,
  url: string | undefined,
  body: string,
  link?: EntryLink<PreparedResponse>,
): ResponseKeys {
  const shared = `r:${hash('sha256', head.text + part(url) + body, 'base64url')}`;
  return { shared, scoped: `${shared}:anonymous`, link };
}

/** A header that is empty is not the same as none: a subgraph can tell them apart. */
function part(text: string | undefined): string {
  if (text === undefined) return '-\n';
  return `${text.length}:${text}\n`;
}
