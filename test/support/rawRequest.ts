import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As they came, still compressed. */
  readonly bytes: Buffer;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** One HTTP request with the headers that are given and no others; `fetch` adds its own and decompresses. */
export function rawRequest(
  url: string,
  { method = 'GET', headers = {}, body }: RawRequest = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes: Buffer.concat(chunks),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The URL of a GET for a query, and the header without which no gateway takes it. */
export function getOf(
  url: string,
  query: string,
  headers: OutgoingHttpHeaders = {},
): [string, { headers: OutgoingHttpHeaders }] {
  const preflight = { 'apollo-require-preflight': 'true' };
  return [`${url}?query=${encodeURIComponent(query)}`, { headers: { ...preflight, ...headers } }];
}
