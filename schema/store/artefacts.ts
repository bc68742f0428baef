import { createHash } from 'node:crypto';
import type { Database } from '../../platform/database/database.js';
import { ARTEFACTS } from './collections.js';

/** SHA-256 of the text's UTF-8 bytes, as hex. */
export type ArtefactHash = string;

interface ArtefactDocument {
  readonly _id: ArtefactHash;
  readonly text: string;
  readonly createdAt: Date;
}

/** Texts under their hash: schemas of subgraphs, supergraphs, API schemas. What is there never changes. */
export interface ArtefactStore {
  put(text: string): Promise<ArtefactHash>;
  /** @throws when there is none, or when it is no longer what its hash says */
  get(hash: ArtefactHash): Promise<string>;
}

export function hashOf(text: string): ArtefactHash {
  return createHash('sha256').update(text).digest('hex');
}

export function createArtefactStore(database: Database, clock: () => Date): ArtefactStore {
  const artefacts = database.collection<ArtefactDocument>(ARTEFACTS);
  return {
    async put(text) {
      const _id = hashOf(text);
      await artefacts.insertMissing([{ _id, text, createdAt: clock() }]);
      return _id;
    },
    async get(hash) {
      const found = await artefacts.findOne({ _id: hash });
      if (found === null) throw new Error(`the artefact ${hash} is missing from the database`);
      // A registry vouches for what it signs: not for what somebody edited in the database.
      if (hashOf(found.text) !== hash) throw new Error(`the artefact ${hash} was changed in the database`);
      return found.text;
    },
  };
}
