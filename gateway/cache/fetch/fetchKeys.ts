import { hash } from 'node:crypto';
import type { JsonObject } from '../../execution/json.js';
import { canonicalJson } from './canonicalJson.js';

/** Everything that an answer depends on besides the representation. */
export interface FetchKeyInput {
  readonly subgraph: string;
  /** Of the subgraph's schema. */
  readonly fingerprint: string;
  /** See `FetchTags`. */
  readonly queryKey: string;
  /** Without `representations`. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** What the subgraph is sent of the client's headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of whoever the subgraph is told; `undefined` for nobody, and where it is not told. */
  readonly identityKey: string | undefined;
}

/** To be raised when records of an older gateway must not be read any more. */
const FORMAT = 1;

/**
 * The key of a root fetch, and the stem of those of entities. 256 bits over an encoding from which each part can be
 * read back, so that no two inputs share one.
 */
export function fetchKey(input: FetchKeyInput): string {
  const { subgraph, fingerprint, queryKey, variables, headers, identityKey = null } = input;
  return `f:${digest(canonicalJson([FORMAT, subgraph, fingerprint, queryKey, variables, headers, identityKey]))}`;
}

/** Longer ones are hashed: keys are kept in several places, and go to Redis and back. */
const MAX_READABLE_CHARACTERS = 96;

/**
 * Of an entity: the stem, and the representation as it is, since to hash each of the many in a list costs more than
 * anything else that is done with it. No hash begins with a brace, and every representation does.
 */
export function entityKey(stem: string, representation: JsonObject): string {
  const text = canonicalJson(representation);
  return `e:${stem}:${text.length <= MAX_READABLE_CHARACTERS ? text : digest(text)}`;
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}
