import type { ServerResponse } from 'node:http';
import type { HttpStreamFormat } from './httpStream.js';
import { MultipartWriter } from './multipartWriter.js';

/** Apollo's protocol for subscriptions over one HTTP response: results are in `payload`, what ends it is beside it. */
export function createMultipartFormat(response: ServerResponse): HttpStreamFormat {
  let writer: MultipartWriter | undefined;
  return {
    begin() {
      writer = new MultipartWriter(response, { boundary: 'graphql', parameters: 'subscriptionSpec="1.0"' });
    },
    result: (result) => writer?.part('{"payload":', result, '}'),
    failed: (errors) => writer?.part(JSON.stringify({ payload: null, errors })),
    complete: () => writer?.end(),
    heartbeat: () => writer?.part('{}'),
  };
}
