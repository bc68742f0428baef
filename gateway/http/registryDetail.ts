import type { RegistryProblemKind } from '../supergraph/registry/registryProblem.js';
import type { SourceStatus } from '../supergraph/supergraphSource.js';

/** How it stands with the schema registry. Everybody can ask for it, so that no address is in it; the log has more. */
export interface RegistryDetail {
  /** Of the supergraph that is served. */
  readonly version: number | null;
  /** `disk` until the registry has said that it is still current. */
  readonly from: 'registry' | 'disk';
  /** When the registry last said what is current. */
  readonly confirmedAt: string | null;
  /** Why what is served may not be what is current. */
  readonly problem: { readonly kind: RegistryProblemKind; readonly since: string } | null;
}

export function registryDetail(status: SourceStatus | undefined): { readonly registry?: RegistryDetail } {
  if (status === undefined) return {};
  const { version, from, confirmedAt, problem } = status;
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    registry: {
      version: version ?? null,
      from,
      confirmedAt: confirmedAt === undefined ? null : time(confirmedAt),
      problem: problem === undefined ? null : { kind: problem.kind, since: time(problem.since) },
    },
  };
}
