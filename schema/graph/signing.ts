import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface SignedParts {
  readonly version: number;
  /** Without it, whoever kept an old answer could give it out again. */
  readonly revision: number;
  /** SHA-256 as hex. */
  readonly hash: string;
}

/** What is signed, so that nothing can be given out as something else. */
export type SignedSubject = 'supergraph' | 'operations';

/** Signs what gateways are given, so that they need not trust whoever stands between. */
export interface Signer {
  /** SPKI, as PEM. */
  readonly publicKey: string;
  /** Ed25519 over `headgate-<subject>\n<version>\n<revision>\n<sha256 hex>`, as Base64. */
  sign(served: SignedParts, subject: SignedSubject): string;
}

/** @param pem an Ed25519 private key, PKCS #8. @throws TypeError when it is none */
export function createSigner(pem: string): Signer {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new TypeError('expected an Ed25519 private key as PEM (PKCS #8)', { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new TypeError(`expected an Ed25519 private key, not one for ${key.asymmetricKeyType}`);
  }
  return {
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    sign({ version, revision, hash }, subject) {
      const text = `headgate-${subject}\n${version}\n${revision}\n${hash}`;
      return sign(null, Buffer.from(text), key).toString('base64');
    },
  };
}

/** A new private key, as PEM. */
export function generateSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
