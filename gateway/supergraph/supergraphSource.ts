/** Where supergraphs come from. */
export interface SupergraphSource {
  /** For logs and errors. */
  readonly description: string;
  /** The text as it is now. @throws when it cannot be had */
  read(): Promise<string>;
  /** Calls back with each new text, and with each failure to look, until `close`. */
  watch(onChange: (supergraphSdl: string) => void, onFailure: (error: unknown) => void): void;
  close(): void;
}
