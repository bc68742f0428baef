import { readFileSync } from 'node:fs';
import { UsageError } from '../../usageError.js';

/** @throws UsageError */
export function readSchemaFile(file: string): string {
  return readInputFile('--schema', file);
}

/** @throws UsageError that names the option */
export function readInputFile(option: string, file: string): string {
  try {
    // `-` is standard input, for what is printed by another program.
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(`${option} ${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
