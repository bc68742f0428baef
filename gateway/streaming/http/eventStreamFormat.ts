import type { ServerResponse } from 'node:http';
import type { HttpStreamFormat } from './httpStream.js';

const HEAD = 'event: next\ndata: ';
const END = '\n\n';

/**
 * GraphQL over SSE, one operation per connection. JSON has no line feeds outside of strings, and escapes them inside, so
 * a result is always one line.
 */
export function createEventStreamFormat(response: ServerResponse): HttpStreamFormat {
  const event = (data: Buffer | string): void => {
    response.cork();
    response.write(HEAD);
    response.write(data);
    response.write(END);
    response.uncork();
  };
  return {
    begin() {
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // NGINX would collect events otherwise.
        'x-accel-buffering': 'no',
      });
      response.flushHeaders();
    },
    result: event,
    // The protocol knows no other way.
    failed: (errors) => event(JSON.stringify({ errors })),
    complete: () => void response.end('event: complete\ndata: \n\n'),
    heartbeat: () => void response.write(':\n\n'),
  };
}
