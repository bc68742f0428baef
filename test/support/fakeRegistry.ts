import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { RegistryConnection } from '../../gateway/supergraph/registry/registryConfig.js';
import { signedText } from '../../gateway/supergraph/registry/signedSupergraph.js';
import { listen, type RequestHandler } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import { sendJson } from '../../platform/http/sendJson.js';
import { silentLogger } from '../../platform/logger.js';

export const GATEWAY_TOKEN = 'a-token-of-gateways';

export interface FakeRegistry extends AsyncDisposable {
  readonly url: string;
  readonly publicKey: string;
  /** All that a gateway needs of its configuration. */
  readonly connection: Pick<RegistryConnection, 'url' | 'token' | 'publicKey'>;
  /** Answered requests for the supergraph, by status. */
  readonly statuses: readonly number[];
  /** Gives out another version, and wakes those who wait for one. A rollback names the older version. */
  publish(supergraphSdl: string, options?: PublishOptions): void;
  /** From now on requests for the supergraph end here; `undefined` ends it. */
  breakWith(fault: RequestHandler | undefined): void;
  /** What `GET /v1/operations` answers. */
  operations: readonly { readonly name: string | null; readonly text: string }[];
  /** Bodies of `POST /v1/usage`, parsed. */
  readonly usage: readonly UsageBody[];
  /** Answers reports with this status. @default 204 */
  usageStatus: number;
}

interface PublishOptions {
  readonly version?: number;
  /** An old one is what somebody replays. @default the next */
  readonly revision?: number;
  readonly signer?: KeyObject;
}

export interface UsageBody {
  readonly supergraph: string;
  readonly from: string;
  readonly to: string;
  readonly dropped: number;
  readonly operations: readonly UsageOperation[];
}

export interface UsageOperation {
  readonly id: string;
  readonly name: string | null;
  readonly kind: string;
  readonly text?: string;
  readonly client: { readonly name: string; readonly version: string };
  readonly count: number;
  readonly errors: number;
  readonly fields: readonly string[];
  readonly arguments: readonly string[];
  readonly inputFields: readonly string[];
  readonly enumValues: readonly string[];
}

interface Published {
  readonly text: string;
  readonly sha256: string;
  readonly version: number;
  readonly revision: number;
  readonly signature: string;
}

export function newKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

/** The gateways' side of a schema registry, as its contract says, on a real port. */
export async function startFakeRegistry(supergraphSdl?: string): Promise<FakeRegistry> {
  const keys = newKeys();
  const statuses: number[] = [];
  const usage: UsageBody[] = [];
  const waiting = new Set<() => void>();
  let current: Published | undefined;
  const state = {
    operations: [] as FakeRegistry['operations'],
    usageStatus: 204,
    fault: undefined as RequestHandler | undefined,
  };

  const changed = (seconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, seconds * 1000);
      waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });

  const supergraph: RequestHandler = async (request, response) => {
    const faultBefore = state.fault;
    if (faultBefore) return faultBefore(request, response);
    const wait = Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('wait') ?? 0);
    const known = request.headers['if-none-match'];
    const isNew = () => current !== undefined && `"${current.sha256}"` !== known;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    if (!isNew() && wait > 0) await changed(wait, gone.signal);
    const faultAfter = state.fault as RequestHandler | undefined;
    if (faultAfter) return faultAfter(request, response);
    if (current === undefined) {
      statuses.push(404);
      return sendJson(response, 404, error('NOT_FOUND'));
    }
    if (!isNew()) {
      statuses.push(304);
      response.writeHead(304).end();
      return;
    }
    statuses.push(200);
    response.writeHead(200, {
      'content-type': 'text/plain; charset=utf-8',
      etag: `"${current.sha256}"`,
      'headgate-version': String(current.version),
      'headgate-revision': String(current.revision),
      'headgate-signature': current.signature,
    });
    response.end(current.text);
  };

  const server = await listen({
    port: 0,
    logger: silentLogger(),
    drainTimeoutMs: 1,
    async handler(request, response) {
      const path = request.url?.split('?')[0];
      if (request.headers.authorization !== `Bearer ${GATEWAY_TOKEN}`) {
        return sendJson(response, 401, error('UNAUTHENTICATED'));
      }
      if (path === '/v1/supergraph') return supergraph(request, response);
      if (path === '/v1/operations') {
        return sendJson(
          response,
          200,
          state.operations.map((operation, index) => ({ id: `op${index}`, count: 1, ...operation })),
        );
      }
      if (path === '/v1/usage' && request.method === 'POST') {
        const body = await readBody(request, 10_000_000);
        if (state.usageStatus === 204) usage.push(JSON.parse(body.toString()) as UsageBody);
        response.writeHead(state.usageStatus).end();
        return;
      }
      return sendJson(response, 404, error('NOT_FOUND'));
    },
  });

  const wake = () => {
    for (const done of [...waiting]) done();
  };
  const registry: FakeRegistry = Object.assign(state, {
    url: server.url,
    publicKey: keys.publicKey,
    connection: { url: server.url, token: GATEWAY_TOKEN, publicKey: keys.publicKey },
    statuses,
    usage,
    publish(text: string, options: PublishOptions = {}) {
      const version = options.version ?? (current?.version ?? 0) + 1;
      const revision = options.revision ?? (current?.revision ?? 0) + 1;
      const sha256 = createHash('sha256').update(text).digest('hex');
      const signed = Buffer.from(signedText({ version, revision, sha256 }));
      const signature = sign(null, signed, options.signer ?? keys.privateKey).toString('base64');
      current = { text, sha256, version, revision, signature };
      wake();
    },
    breakWith(next: RequestHandler | undefined) {
      state.fault = next;
      wake();
    },
    async [Symbol.asyncDispose]() {
      wake();
      await server.close();
    },
  });
  if (supergraphSdl !== undefined) registry.publish(supergraphSdl);
  return registry;
}

function error(code: string) {
  return { errors: [{ message: 'No.', extensions: { code } }] };
}
