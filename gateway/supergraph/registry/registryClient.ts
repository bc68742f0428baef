import { request } from 'undici';
import { readLimited } from '../../upstream/readLimited.js';
import { parsePublicKeys } from './publicKeys.js';
import type { RegistryConnection } from './registryConfig.js';
import { RegistryProblem } from './registryProblem.js';
import {
  checkSignature,
  checkSignedLists,
  type Signed,
  type SignedLists,
  type SignedSupergraph,
} from './signedSupergraph.js';

export interface SignedQuestion {
  /** Hash of what is known already. */
  readonly known: string | undefined;
  /** How long the registry may wait for something else than that. */
  readonly waitSeconds: number;
  readonly signal: AbortSignal;
}

/** The gateway's side of the registry's HTTP interface. Everything it throws is a `RegistryProblem`. */
export interface RegistryClient {
  readonly url: string;
  /** `undefined` when what is known is what is current. The signature has been checked. */
  supergraph(question: SignedQuestion): Promise<SignedSupergraph | undefined>;
  /** The same for the lists of operations of all clients. */
  operationLists(question: SignedQuestion): Promise<SignedLists | undefined>;
  /** The parsed answer to a question that takes no waiting. */
  getJson(path: string, signal: AbortSignal): Promise<unknown>;
  postJson(path: string, body: string, signal: AbortSignal): Promise<void>;
}

/** Far more than any supergraph has: what is longer is not one. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

interface Answer {
  readonly status: number;
  header(name: string): string | undefined;
  readonly text: string;
}

export function createRegistryClient(config: RegistryConnection): RegistryClient {
  const { url, token, timeoutMs } = config;
  const keys = parsePublicKeys(config.publicKey);
  const base = url.endsWith('/') ? url : `${url}/`;

  interface Sent {
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly waitMs?: number;
    readonly signal: AbortSignal;
  }

  async function send({ path, headers, body, waitMs = 0, signal }: Sent): Promise<Answer> {
    // One deadline for all of it: an answer that drips in byte by byte is none.
    const end = new AbortController();
    const deadlineMs = waitMs + timeoutMs;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end.abort();
    }, deadlineMs);
    const giveUp = () => end.abort();
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      const answer = await request(new URL(path, base), {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, ...headers },
        body: body ?? null,
        signal: end.signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const bytes = await readLimited(answer.body, MAX_ANSWER_BYTES);
      if (bytes === undefined) throw new RegistryProblem('garbage', 'the answer does not end');
      return {
        status: answer.statusCode,
        header(name) {
          const value = answer.headers[name];
          return Array.isArray(value) ? value[0] : value;
        },
        text: bytes.toString('utf8'),
      };
    } catch (cause) {
      if (cause instanceof RegistryProblem) throw cause;
      if (late) throw new RegistryProblem('timeout', `no answer within ${deadlineMs} ms`, { cause });
      throw new RegistryProblem('unreachable', reasonOf(cause), { cause });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** `undefined` when nothing is new. */
  async function askSigned(path: string, question: SignedQuestion): Promise<Answer | undefined> {
    const { known, waitSeconds, signal } = question;
    const answer = await send({
      path: `${path}?wait=${waitSeconds}`,
      headers: known === undefined ? {} : { 'if-none-match': `"${known}"` },
      waitMs: waitSeconds * 1000,
      signal,
    });
    if (answer.status === 304 && known !== undefined) return undefined;
    if (answer.status !== 200) throw refusal(answer);
    return answer;
  }

  return {
    url,
    async supergraph(question) {
      const answer = await askSigned('v1/supergraph', question);
      if (answer === undefined) return undefined;
      const signed = { ...readSigned(answer), supergraphSdl: answer.text };
      checkSignature(signed, keys);
      // A server that does not know about `If-None-Match` says the same as a 304, at greater length.
      return signed.sha256 === question.known ? undefined : signed;
    },
    async operationLists(question) {
      const answer = await askSigned('v1/operation-lists', question);
      if (answer === undefined) return undefined;
      const signed = { ...readSigned(answer), lists: answer.text };
      checkSignedLists(signed, keys);
      return signed.sha256 === question.known ? undefined : signed;
    },
    async getJson(path, signal) {
      const answer = await send({ path, signal });
      if (answer.status !== 200) throw refusal(answer);
      try {
        return JSON.parse(answer.text);
      } catch (cause) {
        throw new RegistryProblem('garbage', 'the answer is not JSON', { cause });
      }
    },
    async postJson(path, body, signal) {
      const answer = await send({ path, body, headers: { 'content-type': 'application/json' }, signal });
      if (answer.status !== 204 && answer.status !== 200) throw refusal(answer);
    },
  };
}

function readSigned(answer: Answer): Signed {
  const sha256 = /^(?:W\/)?"([0-9a-f]{64})"$/.exec(answer.header('etag') ?? '')?.[1];
  const version = /^\d{1,15}$/.exec(answer.header('headgate-version') ?? '')?.[0];
  const revision = /^\d{1,15}$/.exec(answer.header('headgate-revision') ?? '')?.[0];
  const signature = answer.header('headgate-signature');
  if (sha256 === undefined || version === undefined || revision === undefined) {
    throw new RegistryProblem(
      'garbage',
      'the answer lacks etag, headgate-version or headgate-revision: is this a registry?',
    );
  }
  if (signature === undefined) throw new RegistryProblem('signature', `version ${version} is not signed`);
  return {
    sha256,
    version: Number(version),
    revision: Number(revision),
    signature,
  };
}

function refusal({ status, text }: Answer): RegistryProblem {
  const code = codeOf(text);
  const message = `the registry answered ${status}${code === undefined ? '' : ` (${code})`}`;
  if (status === 401 || status === 403) return new RegistryProblem('denied', message);
  // Any other server says 404 too: only with a code it is the registry that speaks.
  if (status === 404 && code !== undefined) return new RegistryProblem('unpublished', message);
  return new RegistryProblem(status >= 500 ? 'unreachable' : 'garbage', message);
}

/** Of our errors, wherever in the body it stands. What else a server writes does not get into our logs. */
function codeOf(text: string): string | undefined {
  return /"code"\s*:\s*"([A-Z][A-Z_]{2,60})"/.exec(text.slice(0, 10_000))?.[1];
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return message || code || 'the connection failed';
}
