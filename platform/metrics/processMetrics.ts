import { collectDefaultMetrics, Registry } from 'prom-client';

let ofThisProcess: Registry | undefined;

/**
 * CPU, memory, garbage collection, event loop delay. The one registry that gateways share, since it is about the
 * process and not about any of them; and measuring the event loop, once begun, cannot be ended again.
 */
export function processMetrics(): Registry {
  if (ofThisProcess === undefined) {
    ofThisProcess = new Registry();
    collectDefaultMetrics({ register: ofThisProcess });
  }
  return ofThisProcess;
}
