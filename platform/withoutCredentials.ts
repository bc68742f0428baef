/** The same text without what stands before the `@` of a URL: addresses are logged, and some of them hold a password. */
export function withoutCredentials(text: string): string {
  return text.includes('@') ? text.replaceAll(CREDENTIALS, '://[secret]@') : text;
}

/** Up to the last `@`: who puts a password into an address may have forgotten to encode it. */
const CREDENTIALS = /:\/\/[^\s/"]+@/g;
