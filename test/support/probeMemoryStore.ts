import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

export interface MemoryProbe {
  readonly maxBytes: number;
  /** By how much the heap of the process grew. */
  readonly grown: number;
  /** What the store says of itself. */
  readonly bytes: number;
  readonly size: number;
}

/** What a memory store takes of a heap that nobody else uses. */
export async function probeMemoryStore(): Promise<MemoryProbe> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [
    '--expose-gc',
    '--require',
    path.join(__dirname, 'runTypescript.cjs'),
    path.join(__dirname, 'memoryStoreProbe.ts'),
  ]);
  return JSON.parse(stdout) as MemoryProbe;
}
