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

function errorWithoutArguments(error: Error): unknown {
  return withoutArguments(pino.stdSerializers.err(error), MAX_DEPTH);
}

/** Of errors within errors. Deeper ones are not shown, and end what goes in circles. */
const MAX_DEPTH = 5;

/** Errors of Redis carry the command that failed, also within others: of AUTH, the arguments are the password. */
function withoutArguments(told: unknown, depth: number): unknown {
  const isList = Array.isArray(told);
  if (!isList && typeof (told as Partial<Error> | null | undefined)?.message !== 'string') return told;
  if (depth === 0) return undefined;
  if (isList) return told.map((each) => withoutArguments(each, depth - 1));
  const shown = Object.entries(told as Error).map(([key, value]) => [
    key,
    key === 'command' ? (value as Partial<Error> | undefined)?.name : withoutArguments(value, depth - 1),
  ]);
  return Object.fromEntries(shown);
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
