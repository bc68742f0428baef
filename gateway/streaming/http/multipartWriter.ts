import type { ServerResponse } from 'node:http';

const PART_HEAD = '\r\ncontent-type: application/json; charset=utf-8\r\n\r\n';

export interface MultipartWriterOptions {
  readonly boundary: string;
  /** Further parameters of the content type, such as `subscriptionSpec="1.0"` or `deferSpec=20220824`. */
  readonly parameters: string;
}

/**
 * Writes a `multipart/mixed` response of JSON parts that go out one by one: for Apollo's multipart subscriptions, and
 * for incremental delivery (`@defer`). The headers are sent at once. Each part is followed by its delimiter at once too,
 * since a reader knows only by it that the part is whole. What the parts contain is the caller's matter.
 */
export class MultipartWriter {
  readonly #response: ServerResponse;
  readonly #delimiter: string;

  constructor(response: ServerResponse, { boundary, parameters }: MultipartWriterOptions) {
    this.#response = response;
    this.#delimiter = `\r\n--${boundary}`;
    response.writeHead(200, {
      'content-type': `multipart/mixed; boundary="${boundary}"; ${parameters}`,
      'cache-control': 'no-store',
      // NGINX would collect parts otherwise.
      'x-accel-buffering': 'no',
    });
    response.write(this.#delimiter);
  }

  /** @param json pieces of one JSON text */
  part(...json: readonly (Buffer | string)[]): void {
    if (this.#response.destroyed || this.#response.writableEnded) return;
    this.#response.cork();
    this.#response.write(PART_HEAD);
    for (const piece of json) this.#response.write(piece);
    this.#response.write(this.#delimiter);
    this.#response.uncork();
  }

  /** No part follows. */
  end(): void {
    if (!this.#response.destroyed && !this.#response.writableEnded) this.#response.end('--\r\n');
  }
}
