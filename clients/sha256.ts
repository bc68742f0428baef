/** Hexadecimal SHA-256 of a text. */
export type Sha256 = (text: string) => string | Promise<string>;

/** By the platform; `undefined` where there is none, as on a page that came without TLS. */
export function platformSha256(): Sha256 | undefined {
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) return undefined;
  return async (text) => {
    const hash = new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(text)));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  };
}
