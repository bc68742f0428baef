import { listen } from '../../platform/http/httpServer.js';
import { type AdminOptions, createAdminHandler } from './createAdminHandler.js';

export interface RunningAdmin {
  /** `http://host:port` */
  readonly url: string;
  /** Lets a purge under way finish. */
  close(): Promise<void>;
}

/** The listener for operators. Rejects when its port is taken. */
export async function startAdmin(options: AdminOptions): Promise<RunningAdmin> {
  const { host, port } = options.config;
  return listen({ host, port, handler: createAdminHandler(options), logger: options.logger });
}
