import { randomUUID } from 'node:crypto';
import type { RateLimiter } from '../rateLimit/createRateLimiter.js';
import { clientOf } from '../usage/clientOf.js';
import { afterwards } from './afterwards.js';
import { asGraphQLError } from './asGraphQLError.js';
import type { RunOperation } from './runOperation.js';
import type { StreamRuntime } from './streamRuntime.js';

/** For connections that bring many operations: each of them counts as a request does. */
export function limitRate(
  run: RunOperation,
  limiter: RateLimiter,
  mask: StreamRuntime['mask'],
): RunOperation {
  if (!limiter.isActive) return run;
  return (request, client, sink) => {
    const refuse = (errors: Parameters<typeof mask>[0]) => sink.fail(mask(errors, randomUUID()));
    try {
      const admitted = limiter.admit({
        address: client.address,
        client: clientOf(client.headers).name,
        identity: client.caller.identity?.subject,
      });
      if (admitted === undefined) return run(request, client, sink);
      return afterwards(
        admitted.then(() => () => run(request, client, sink)),
        refuse,
      );
    } catch (error) {
      refuse([asGraphQLError(error)]);
      return () => undefined;
    }
  };
}
