import pino from 'pino';
import type { Logger } from '../../platform/logger.js';

/** A logger that keeps what it was told, as the JSON that would have been written. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  return { lines, logger: pino({ level: 'trace' }, { write: (line) => void lines.push(JSON.parse(line)) }) };
}
