/** What the page is told of the gateway that serves it. No secret is among it. Types alone: the page reads them too. */
export interface ExplorerSettings {
  /** Whether clients may ask for the schema; if not, the page takes it from here, with the token. */
  readonly introspection: boolean;
  /** Whether plan and timings are to be had: by everybody, with the explorer token, or not at all. */
  readonly trace: 'open' | 'token' | 'off';
  /** The same for purging; the token is the one of the admin listener. */
  readonly purge: 'open' | 'token' | 'off';
  /** The header that says who asks, where one is believed. */
  readonly identityHeader: string | undefined;
}
