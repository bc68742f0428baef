import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { SignedSupergraph } from './signedSupergraph.js';

const fileSchema = z.object({
  version: z.int().min(0),
  sha256: z.string(),
  signature: z.string(),
  supergraphSdl: z.string(),
});

/**
 * What `keepSupergraph` wrote, unverified; `undefined` when there is no file.
 * @throws when there is one that cannot be read, or holds something else
 */
export async function readKeptSupergraph(file: string): Promise<SignedSupergraph | undefined> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** All or nothing, also when the machine stops half-way, or several processes write at once. */
export async function keepSupergraph(file: string, signed: SignedSupergraph): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const { version, sha256, signature, supergraphSdl } = signed;
  const half = `${file}.${process.pid}.new`;
  try {
    const handle = await open(half, 'w');
    try {
      await handle.writeFile(JSON.stringify({ version, sha256, signature, supergraphSdl }));
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
