import { createPublicKey, type KeyObject } from 'node:crypto';

const PEM = /-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g;

/**
 * Ed25519 keys in SPKI: one PEM block or several, so that a new key can be made known before the registry uses it; or,
 * for a variable that holds no line breaks, the base64 between the lines of one.
 *
 * @throws when the text is something else
 */
export function parsePublicKeys(text: string): readonly KeyObject[] {
  // A variable in a file for Docker or systemd has "\n" where there should be a line break.
  const blocks = text.replaceAll('\\n', '\n').match(PEM);
  const keys = blocks
    ? blocks.map((block) => createPublicKey(block))
    : [createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })];
  const other = keys.find(({ asymmetricKeyType }) => asymmetricKeyType !== 'ed25519');
  if (other !== undefined) throw new Error(`expected an Ed25519 key, got one of ${other.asymmetricKeyType}`);
  return keys;
}
