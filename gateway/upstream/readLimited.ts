import type { Readable } from 'node:stream';
import { ByteCollector } from '../../platform/http/byteCollector.js';

/** All bytes of a stream, or `undefined` once there are more than `maxBytes`; the rest is then not read. */
export async function readLimited(stream: Readable, maxBytes: number): Promise<Buffer | undefined> {
  const collector = new ByteCollector();
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (collector.size + chunk.length > maxBytes) return undefined; // leaving the loop destroys the stream
    collector.add(chunk);
  }
  return collector.whole();
}
