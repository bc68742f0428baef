import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** What belongs to whatever the registry signs. */
export const signedFields = {
  version: z.int().min(0),
  revision: z.int().min(0),
  sha256: z.string(),
  signature: z.string(),
};

/**
 * What `keepFile` wrote, unverified; `undefined` when there is no file.
 * @throws when there is one that cannot be read, or holds something else
 */
export async function readKeptFile<S extends z.ZodType>(
  file: string,
  schema: S,
): Promise<z.infer<S> | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** All or nothing, also when the machine stops half-way, or several processes write at once. */
export async function keepFile(file: string, content: object): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  // No process id: in containers that share a volume, each has the same.
  const half = `${file}.${randomUUID()}.new`;
  try {
    const handle = await open(half, 'w');
    try {
      await handle.writeFile(JSON.stringify(content));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(half, file);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
}
