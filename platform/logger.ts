import type { Writable } from 'node:stream';
import pino, { type Logger, type LoggerOptions } from 'pino';
import type pinoPretty from 'pino-pretty';

import { withoutCredentials } from './withoutCredentials.js';

export type { Logger };

export interface LogOptions {
  /** Which process speaks. */
  readonly name: string;
  /** @default 'info' */
  readonly level?: pino.LevelWithSilent;
  /** `json` for machines, `pretty` for a terminal. @default `pretty` on a terminal, else `json` */
  readonly format?: 'json' | 'pretty';
  /** Where lines go, in place of standard output. */
  readonly destination?: Writable;
}

/** Never let these reach a log, however the logged object carries them, down to its third level. */
const SECRET_PATHS = [
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
  'feedToken',
  'identitySecret',
  'uri',
].flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

/** JSON lines to standard output, or readable ones on a terminal; secrets are replaced by `[secret]`. */
export function createLogger(options: LogOptions): Logger {
  const settings: LoggerOptions = {
    name: options.name,
    level: options.level ?? 'info',
    redact: { paths: SECRET_PATHS, censor: '[secret]' },
    serializers: { err: errorWithoutArguments },
    hooks: { streamWrite: withoutCredentials },
  };
  const format = options.format ?? (process.stdout.isTTY ? 'pretty' : 'json');
  if (format === 'json') return options.destination ? pino(settings, options.destination) : pino(settings);
  return pino(settings, prettyStream(options.destination));
}

/** Errors of Redis carry the command that failed: of AUTH, the arguments are the password. */
function errorWithoutArguments(error: Error): unknown {
  const told = pino.stdSerializers.err(error) as { command?: unknown };
  if (typeof told !== 'object' || told?.command === undefined) return told;
  const { name } = { name: undefined, ...(told.command as { name?: unknown }) };
  return { ...told, command: name };
}

/** Loaded only when wanted: production processes never pay for it. */
function prettyStream(destination: Writable | undefined): pino.DestinationStream {
  const pretty = require('pino-pretty') as typeof pinoPretty;
  // In step with what else is printed: on a terminal, order matters more than speed.
  return pretty({
    ignore: 'pid,hostname',
    translateTime: 'HH:MM:ss.l',
    singleLine: true,
    sync: true,
    ...(destination && { destination }),
  });
}

export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
