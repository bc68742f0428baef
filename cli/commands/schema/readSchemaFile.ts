import { readFileSync } from 'node:fs';
import { UsageError } from '../../usageError.js';

/** @throws UsageError */
export function readSchemaFile(file: string): string {
  try {
    // `-` is standard input, for a schema that is printed by the subgraph itself.
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(`--schema ${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
