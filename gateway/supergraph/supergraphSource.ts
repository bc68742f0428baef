import type { ClientOperation } from './recentOperations.js';
import type { RegistryProblemKind } from './registry/registryProblem.js';

/** Where supergraphs come from. */
export interface SupergraphSource {
  /** For logs and errors. */
  readonly description: string;
  /** The text as it is now. @throws when it cannot be had */
  read(): Promise<string>;
  /** What was served some time before, to start from when `read` brings nothing that can be served. */
  readKept?(): Promise<string | undefined>;
  /**
   * Calls back with each new text, and with each failure to look, until `close`.
   * @param onChange resolves when the text is served, or was refused
   */
  watch(onChange: (supergraphSdl: string) => void | Promise<void>, onFailure: (error: unknown) => void): void;
  /** Told of each text from here that is served from now on. */
  adopted?(supergraphSdl: string): void;
  /** Told of each text from here that cannot be served. */
  refused?(supergraphSdl: string, error: unknown): void;
  /** What all gateways of the graph are asked most, as far as somebody counts. @throws when it cannot be had */
  mostUsedOperations?(limit: number): Promise<readonly ClientOperation[]>;
  /** Tells the registry what was used. @throws when it cannot be told */
  reportUsage?(report: string, signal: AbortSignal): Promise<void>;
  /** Of a registry. */
  status?(): SourceStatus;
  close(): void | Promise<void>;
}

/** How it stands between this process and its registry. */
export interface SourceStatus {
  /** Where what is served was read; `disk` until the registry has said that it is still current. */
  readonly from: 'registry' | 'disk';
  /** Of what is served. */
  readonly version: number | undefined;
  /** When the registry last said what is current, in ms since the epoch. */
  readonly confirmedAt: number | undefined;
  /** Why what is served may not be what is current. */
  readonly problem: { readonly kind: RegistryProblemKind; readonly since: number } | undefined;
  /** How often it was asked, by what came of it. */
  readonly answers: readonly {
    readonly outcome: 'unchanged' | 'changed' | RegistryProblemKind;
    readonly value: number;
  }[];
}
