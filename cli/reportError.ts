import { WorkerStartError } from '../gateway/workers/workerProcess.js';
import { ConfigError } from '../platform/config/configError.js';
import { CompositionError } from '../schema/compositionError.js';
import { CommandError, EXIT_CODES } from './commandError.js';
import type { Config } from './config.js';
import { settingsOfPort } from './listeners.js';
import { UsageError } from './usageError.js';

export interface ErrorReport {
  readonly text: string;
  readonly exitCode: number;
}

/**
 * What a person can mend is told in plain words; only faults of our own come with a stack.
 * @param config what was read, if it came so far: says which setting leads to a port
 */
export function reportError(error: unknown, config?: Config): ErrorReport {
  if (error instanceof ConfigError || error instanceof CompositionError || error instanceof UsageError) {
    return { text: error.message, exitCode: EXIT_CODES.badInput };
  }
  if (error instanceof WorkerStartError) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof CommandError) return { text: error.message, exitCode: error.exitCode };
  const exitCode = EXIT_CODES.failed;
  if (!(error instanceof Error)) return { text: String(error), exitCode };
  if (isPortTaken(error)) {
    const settings = config ? settingsOfPort(config, error.port) : [];
    const how = settings.length > 0 ? `: ${settings.join(', ')}` : ', in the configuration or with --port';
    return { text: `port ${error.port} of ${error.address} is taken; choose another one${how}`, exitCode };
  }
  const known = error.cause !== undefined || 'code' in error;
  return { text: known ? withCause(error) : (error.stack ?? error.message), exitCode };
}

/** Whoever wrapped an error may have repeated it, or may have said only what it was about. */
function withCause({ message, cause }: Error): string {
  if (!(cause instanceof Error) || cause.message === '' || message.includes(cause.message)) return message;
  return `${message}: ${cause.message}`;
}

interface PortTaken extends Error {
  readonly address: string;
  readonly port: number;
}

function isPortTaken(error: Error): error is PortTaken {
  return 'code' in error && error.code === 'EADDRINUSE' && 'port' in error;
}
