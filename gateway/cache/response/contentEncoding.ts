import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { RecentTexts } from './recentTexts.js';

export type ContentEncoding = 'identity' | 'gzip' | 'br';

/** Smaller answers fit into a packet or two anyway. */
export const COMPRESS_FROM_BYTES = 1024;

const toGzip = promisify(gzip);
const toBrotli = promisify(brotliCompress);

/** Clients send few different headers, each with every request. */
const recent = new RecentTexts<ContentEncoding>(64 * 1024);

/** The best encoding that the client takes (RFC 9110, section 12.5.3): br, then gzip, then none. */
export function negotiateEncoding(acceptEncoding: string | undefined): ContentEncoding {
  if (acceptEncoding === undefined) return 'identity';
  let encoding = recent.get(acceptEncoding);
  if (encoding === undefined) {
    encoding = bestOf(acceptEncoding);
    recent.set(acceptEncoding, encoding);
  }
  return encoding;
}

function bestOf(acceptEncoding: string): ContentEncoding {
  const accepted = new Map<string, number>();
  for (const item of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((text) => text.trim());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    accepted.set(name, quality === undefined ? 1 : Number(quality.slice(2)));
  }
  const takes = (name: string) => (accepted.get(name) ?? accepted.get('*') ?? 0) > 0;
  if (takes('br')) return 'br';
  return takes('gzip') ? 'gzip' : 'identity';
}

/** Runs on the thread pool. The result is kept and sent many times, so a middling effort pays. */
export function compress(bytes: Buffer, encoding: Exclude<ContentEncoding, 'identity'>): Promise<Buffer> {
  if (encoding === 'gzip') return toGzip(bytes, { level: 6 });
  return toBrotli(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}
