import { z } from 'zod';
import { keepFile, readKeptFile, signedFields } from './keptFile.js';
import type { SignedSupergraph } from './signedSupergraph.js';

const fileSchema = z.object({ ...signedFields, supergraphSdl: z.string() });

/** What `keepSupergraph` wrote, unverified, as `readKeptFile` does. */
export function readKeptSupergraph(file: string): Promise<SignedSupergraph | undefined> {
  return readKeptFile(file, fileSchema);
}

export function keepSupergraph(file: string, signed: SignedSupergraph): Promise<void> {
  const { version, revision, sha256, signature, supergraphSdl } = signed;
  return keepFile(file, { version, revision, sha256, signature, supergraphSdl });
}
