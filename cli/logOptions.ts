import type { LogOptions } from '../platform/logger.js';
import type { Config } from './config.js';

export function logOptions(name: string, config: Config): LogOptions {
  const { level, format } = config.log;
  return { name, level, ...(format && { format }) };
}
