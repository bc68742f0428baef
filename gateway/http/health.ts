import type { RequestHandler } from '../../platform/http/httpServer.js';
import { sendJson } from '../../platform/http/sendJson.js';
import type { SubgraphState } from '../upstream/subgraphClient.js';
import type { RegistryDetail } from './registryDetail.js';

export interface Readiness {
  /** Whether requests should be sent here. */
  readonly ready: boolean;
  readonly supergraph: string | null;
  /** Detail only, where the supergraph comes from a registry. */
  readonly registry?: RegistryDetail;
  /** Detail only: one subgraph that is down does not make the gateway unready, since the rest of the graph still works. */
  readonly subgraphs: Readonly<Record<string, SubgraphState>>;
}

/** The process answers at all. */
export const liveHandler: RequestHandler = (_request, response) => sendJson(response, 200, { live: true });

export function createReadyHandler(readiness: () => Readiness): RequestHandler {
  return (_request, response) => {
    const state = readiness();
    sendJson(response, state.ready ? 200 : 503, state);
  };
}
