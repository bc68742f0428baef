import { createHash, type KeyObject, verify } from 'node:crypto';
import { RegistryProblem } from './registryProblem.js';

/** What comes with everything that the registry gives out. */
export interface Signed {
  /** SHA-256 of the text, in hexadecimal digits. */
  readonly sha256: string;
  /** Counts up with each publish; a rollback gives out an older one again. */
  readonly version: number;
  /** Counts up with each change of what the registry gives out, also with a rollback: never down. */
  readonly revision: number;
  /** Base64, Ed25519. */
  readonly signature: string;
}

/** A supergraph as the registry gives it out. */
export interface SignedSupergraph extends Signed {
  readonly supergraphSdl: string;
}

/** All lists of operations, as JSON. */
export interface SignedLists extends Signed {
  readonly lists: string;
}

/** One cannot be given out as the other. */
export type SignedSubject = 'supergraph' | 'operations';

/** What the registry signs. */
export function signedText(
  { version, revision, sha256 }: Pick<Signed, 'version' | 'revision' | 'sha256'>,
  subject: SignedSubject = 'supergraph',
): string {
  return `headgate-${subject}\n${version}\n${revision}\n${sha256}`;
}

/** @throws RegistryProblem when the text is not the one that is named, or nobody whose key we know signed it */
export function checkSignature(signed: SignedSupergraph, keys: readonly KeyObject[]): void {
  checkSigned('supergraph', signed.supergraphSdl, signed, keys);
}

/** @throws RegistryProblem as `checkSignature` */
export function checkSignedLists(signed: SignedLists, keys: readonly KeyObject[]): void {
  checkSigned('operations', signed.lists, signed, keys);
}

function checkSigned(
  subject: SignedSubject,
  given: string,
  signed: Signed,
  keys: readonly KeyObject[],
): void {
  const sha256 = createHash('sha256').update(given).digest('hex');
  if (sha256 !== signed.sha256) {
    throw new RegistryProblem('garbage', `the text is not that of its hash ${signed.sha256}`);
  }
  const text = Buffer.from(signedText(signed, subject));
  const signature = Buffer.from(signed.signature, 'base64');
  if (!keys.some((key) => verify(null, text, key, signature))) {
    throw new RegistryProblem(
      'signature',
      `version ${signed.version} is signed by nobody that is trusted here`,
    );
  }
}
