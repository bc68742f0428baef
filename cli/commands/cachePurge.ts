import type { PurgeAnswer } from '../../gateway/admin/purgeHandler.js';
import { HEADER_TEXT } from '../../platform/config/headerSecret.js';
import { CommandError, EXIT_CODES } from '../commandError.js';
import { UsageError } from '../usageError.js';

export interface CachePurgeOptions {
  readonly tag?: readonly string[] | undefined;
  readonly type?: readonly string[] | undefined;
  readonly subgraph?: readonly string[] | undefined;
  /** Counts what would go, and purges nothing. */
  readonly dryRun?: boolean | undefined;
  /** Of the admin listener of any one gateway. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Prints the answer as it came. */
  readonly json?: boolean | undefined;
}

export interface CachePurgeIo {
  write(text: string): unknown;
  /** Where the token may be, in `HEADGATE_ADMIN_TOKEN`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @default 60000 */
  readonly timeoutMs?: number;
}

/**
 * Purges by way of one gateway, which tells the others, and prints how many records went.
 * @throws UsageError before anything is sent
 * @throws CommandError when the gateway cannot be reached, or refuses
 */
export async function runCachePurge(options: CachePurgeOptions, io: CachePurgeIo): Promise<void> {
  const { tag: tags = [], type: types = [], subgraph: subgraphs = [], dryRun = false, json } = options;
  if (tags.length + types.length + subgraphs.length === 0) {
    throw new UsageError('nothing to purge: give --tag, --type or --subgraph');
  }
  const url = purgeUrl(options.url);
  const response = await send(url, { tags, types, subgraphs, dryRun }, options, io);
  const text = await response.text().catch(() => '');
  if (!response.ok) throw refused(url, response.status, text);
  const answer = parseAnswer(url, text);
  io.write(json ? `${JSON.stringify(answer)}\n` : describe(answer));
}

function purgeUrl(base: string): string {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`--url ${base}: expected http://HOST:PORT or https://HOST:PORT`);
  }
  url.pathname = `${url.pathname.replace(/\/$/, '')}/purge`;
  return url.href;
}

async function send(
  url: string,
  body: unknown,
  { token }: CachePurgeOptions,
  { env, timeoutMs = 60_000 }: CachePurgeIo,
): Promise<Response> {
  const bearer = (token ?? env['HEADGATE_ADMIN_TOKEN'])?.trim();
  if (bearer && !HEADER_TEXT.test(bearer)) {
    throw new UsageError('the admin token: expected printable ASCII without spaces');
  }
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
      body: JSON.stringify(body),
      // Else the token would follow to wherever the answer points.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    throw new CommandError(`${url} cannot be reached: ${reason(error, timeoutMs)}`, EXIT_CODES.unreachable);
  }
}

/** `fetch` says only that it failed; what happened is the cause. */
function reason(error: unknown, timeoutMs: number): string {
  const { name, message, cause } = error as Error & { cause?: { code?: unknown; message?: unknown } };
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  return String(cause?.code ?? cause?.message ?? message);
}

function refused(url: string, status: number, text: string): Error {
  const message = messageIn(text) ?? `status ${status}`;
  if (status === 401 || status === 403)
    return new CommandError(`${url}: ${message}`, EXIT_CODES.unauthorised);
  if (status === 404) return notAdmin(url);
  if (status === 503) return new CommandError(`${url}: ${message}`, EXIT_CODES.unreachable);
  if (status >= 400 && status < 500) return new CommandError(`${url}: ${message}`, EXIT_CODES.badInput);
  return new CommandError(`${url}: ${message}`, EXIT_CODES.failed);
}

function notAdmin(url: string): CommandError {
  return new CommandError(`${url}: what answers there is no admin listener`, EXIT_CODES.unreachable);
}

function messageIn(text: string): string | undefined {
  const message = (parseJson(text) as { errors?: { message?: unknown }[] } | undefined)?.errors?.[0]?.message;
  return typeof message === 'string' ? message : undefined;
}

function parseAnswer(url: string, text: string): PurgeAnswer {
  const answer = parseJson(text) as Partial<PurgeAnswer> | null | undefined;
  if (typeof answer?.purged !== 'object' || answer.purged === null) {
    throw notAdmin(url);
  }
  return answer as PurgeAnswer;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe({ dryRun, purged }: PurgeAnswer): string {
  const rows = Object.entries(purged).map(
    ([tier, count]) => `  ${tier.padEnd(8)}${count ?? 'not counted'}\n`,
  );
  const head = dryRun
    ? 'a purge would drop these records'
    : 'purged; the other gateways are told. Records dropped';
  return `${head}:\n${rows.join('')}`;
}
