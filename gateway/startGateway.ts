import { createPurgeTarget } from './admin/purgeTarget.js';
import { startAdmin } from './admin/startAdmin.js';
import { createGateway, type GatewayOptions } from './createGateway.js';
import { listenForClients } from './http/listenForClients.js';

export interface RunningGateway {
  /** `http://host:port` */
  readonly url: string;
  /** Of the listener for operators. */
  readonly adminUrl: string;
  /** Not ready any more, finishes what is under way, closes. */
  stop(): Promise<void>;
}

/** A gateway that listens as its configuration says. Rejects when its supergraph or its port cannot be had. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { config, logger } = options;
  const gateway = await createGateway(options);
  const opened: { close(): Promise<void> }[] = [];
  try {
    const admin = await startAdmin({
      config: config.admin,
      metrics: gateway.metrics,
      target: createPurgeTarget({
        subgraphs: gateway.caching.subgraphs,
        tiers: gateway.caching.tiers,
        apply: (invalidation) => gateway.caching.invalidator.apply(invalidation),
      }),
      readiness: gateway.readiness,
      logger,
    });
    opened.push(admin);
    const server = await listenForClients(gateway, config, logger);
    return {
      url: server.url,
      adminUrl: admin.url,
      async stop() {
        gateway.startDraining();
        gateway.endStreams();
        await server.close({ idleGraceMs: config.idleGraceMs });
        await admin.close();
        await gateway.close();
      },
    };
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close()));
    await gateway.close();
    throw error;
  }
}
