import { HEADER_TEXT } from '../../../platform/config/headerSecret.js';
import { CommandError, EXIT_CODES } from '../../commandError.js';
import { UsageError } from '../../usageError.js';

/** What all commands that speak to the registry take. */
export interface RegistryOptions {
  readonly registry?: string | undefined;
  readonly token?: string | undefined;
  readonly json?: boolean | undefined;
}

export interface CommandIo {
  write(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @default 120000 */
  readonly timeoutMs?: number;
}

export interface RegistryAnswer {
  /** Of a success, or of 422: the registry has looked at it, and said no. */
  readonly status: number;
  readonly body: unknown;
}

/** The registry has looked at it, and said no. */
const REJECTIONS: ReadonlySet<unknown> = new Set(['COMPOSITION_FAILED', 'OPERATIONS_REFUSED']);

export const DEFAULT_REGISTRY = 'http://127.0.0.1:4010';

/** @throws CommandError, UsageError */
export async function askRegistry(
  path: string,
  body: unknown,
  options: RegistryOptions,
  io: Pick<CommandIo, 'env' | 'timeoutMs'>,
): Promise<RegistryAnswer> {
  const { url, ok, status, text } = await send(path, body, options, io);
  const answer = parseJson(text);
  if (answer === undefined) throw noRegistry(url);
  if (ok || REJECTIONS.has(codeIn(answer))) return { status, body: answer };
  throw refused(url, status, messageIn(answer));
}

/** What the registry gives as a text, such as a schema. @throws as `askRegistry` */
export async function readRegistryText(
  path: string,
  options: RegistryOptions,
  io: Pick<CommandIo, 'env' | 'timeoutMs'>,
): Promise<string> {
  const { url, ok, status, text } = await send(path, undefined, options, io);
  if (ok) return text;
  throw refused(url, status, messageIn(parseJson(text)));
}

export function noRegistry(url: string): CommandError {
  return new CommandError(`${url}: what answers there is no schema registry`, EXIT_CODES.unreachable);
}

interface Received {
  readonly url: string;
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

async function send(
  path: string,
  body: unknown,
  options: RegistryOptions,
  { env, timeoutMs = 120_000 }: Pick<CommandIo, 'env' | 'timeoutMs'>,
): Promise<Received> {
  const url = registryUrl(options.registry ?? env['HEADGATE_REGISTRY_URL'] ?? DEFAULT_REGISTRY, path);
  const token = (options.token ?? env['HEADGATE_SCHEMA_TOKEN'])?.trim();
  if (token && !HEADER_TEXT.test(token)) {
    throw new UsageError('the token: expected printable ASCII without spaces');
  }
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      // Else the token would follow to wherever the answer points.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { ok, status } = response;
    return { url, ok, status, text: await response.text() };
  } catch (error) {
    throw new CommandError(`${url} cannot be reached: ${reason(error, timeoutMs)}`, EXIT_CODES.unreachable);
  }
}

function registryUrl(base: string, path: string): string {
  if (!URL.canParse(base) || !/^https?:/.test(base)) {
    throw new UsageError(`--registry ${base}: expected http://HOST:PORT or https://HOST:PORT`);
  }
  return `${base.replace(/\/$/, '')}${path}`;
}

function refused(url: string, status: number, message = `status ${status}`): CommandError {
  const text = `${url}: ${message}`;
  if (status === 401 || status === 403) {
    const hint = status === 401 ? '; give --token, or set HEADGATE_SCHEMA_TOKEN' : '';
    return new CommandError(`${text}${hint}`, EXIT_CODES.unauthorised);
  }
  if (status === 503) return new CommandError(text, EXIT_CODES.unreachable);
  return new CommandError(text, status >= 400 && status < 500 ? EXIT_CODES.badInput : EXIT_CODES.failed);
}

/** `fetch` says only that it failed; what happened is the cause. */
function reason(error: unknown, timeoutMs: number): string {
  const { name, message, cause } = error as Error & { cause?: { code?: unknown; message?: unknown } };
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  return String(cause?.code ?? cause?.message ?? message);
}

interface ErrorBody {
  readonly errors?: readonly {
    readonly message?: unknown;
    readonly extensions?: { readonly code?: unknown };
  }[];
}

function messageIn(body: unknown): string | undefined {
  const message = (body as ErrorBody | null)?.errors?.[0]?.message;
  return typeof message === 'string' ? message : undefined;
}

function codeIn(body: unknown): unknown {
  return (body as ErrorBody | null)?.errors?.[0]?.extensions?.code;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
