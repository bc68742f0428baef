import { listen } from '../platform/http/httpServer.js';
import { createGateway, type GatewayOptions } from './createGateway.js';

export interface RunningGateway {
  /** `http://host:port` */
  readonly url: string;
  /** Not ready any more, finishes what is under way, closes. */
  stop(): Promise<void>;
}

/** A gateway that listens as its configuration says. Rejects when its supergraph or its port cannot be had. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { config, logger } = options;
  const gateway = await createGateway(options);
  try {
    const { host, port, drainTimeoutMs } = config;
    const server = await listen({ host, port, handler: gateway.handler, drainTimeoutMs, logger });
    return {
      url: server.url,
      async stop() {
        gateway.startDraining();
        await server.close();
        await gateway.close();
      },
    };
  } catch (error) {
    await gateway.close();
    throw error;
  }
}
