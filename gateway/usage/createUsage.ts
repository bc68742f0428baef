import type { IncomingMessage } from 'node:http';
import type { Logger } from '../../platform/logger.js';
import type { ResponseOutcome } from '../cache/response/responseCache.js';
import type { SupergraphMetrics } from '../metrics/supergraphMetrics.js';
import type { AdmittedOperation } from '../planOperation.js';
import type { RequestContext } from '../requestContext.js';
import type { Snapshot } from '../supergraph/snapshot.js';
import type { SupergraphSource } from '../supergraph/supergraphSource.js';
import { clientOf } from './clientOf.js';
import type { UsedOperation } from './markOperations.js';
import { type RawRequest, readRawRequest } from './rawRequest.js';
import type { UsageConfig } from './usageConfig.js';
import { createUsageRecorder } from './usageRecorder.js';
import { createUsageReporter } from './usageReporter.js';
import { UsageTicket } from './usageTicket.js';

/** Counts what clients use, for the registry. */
export interface Usage {
  /** @param executed when the request was executed for itself, and not answered with what was there or under way */
  answered(
    request: IncomingMessage,
    body: Buffer,
    outcome: ResponseOutcome,
    executed: RequestContext['executed'] | undefined,
  ): void;
  /** A request that was answered in parts. */
  ran(request: IncomingMessage, body: Buffer, executed: RequestContext['executed']): void;
  /** A subscription that began. */
  subscribed(operation: AdmittedOperation, headers: IncomingMessage['headers']): void;
  close(): Promise<void>;
}

export interface UsageOptions {
  readonly config: UsageConfig;
  readonly source: Pick<SupergraphSource, 'reportUsage'>;
  readonly metrics: Pick<SupergraphMetrics, 'usageReported' | 'usageLost'>;
  readonly logger: Logger;
  /** That answers now. */
  snapshot(): Snapshot | undefined;
}

/** @returns `undefined` where nobody wants to know */
export function createUsage(options: UsageOptions): Usage | undefined {
  const { config, metrics, logger, snapshot } = options;
  const send = options.source.reportUsage;
  if (send === undefined || !config.enabled) return undefined;
  const recorder = createUsageRecorder({ onDropped: metrics.usageLost });
  const reporter = createUsageReporter({
    recorder,
    send,
    intervalMs: config.intervalMs,
    logger,
    onReport: metrics.usageReported,
  });

  function ticketOf(raw: RawRequest, operation: AdmittedOperation | undefined): UsageTicket {
    const bytes = raw.body.length;
    if (operation !== undefined) return new UsageTicket(() => fromExecuted(operation), bytes);
    const current = snapshot();
    return new UsageTicket(() => current && readRawRequest(raw, current), bytes);
  }

  return {
    answered({ headers, method, url }, body, outcome, executed) {
      const client = clientOf(headers);
      const raw = { method, url, body };
      if (outcome.kind === 'prepared') {
        const { prepared } = outcome;
        prepared.usage ??= ticketOf(raw, executed?.operation);
        recorder.count(prepared.usage, client, false);
      } else if (executed?.operation !== undefined) {
        recorder.count(ticketOf(raw, executed.operation), client, executed.failed);
      } else if (outcome.cacheStatus === 'joined' && outcome.loaded.status === 200) {
        recorder.count(ticketOf(raw, undefined), client, false);
      }
    },
    ran({ headers, method, url }, body, { operation, failed }) {
      if (operation !== undefined)
        recorder.count(ticketOf({ method, url, body }, operation), clientOf(headers), failed);
    },
    subscribed(operation, headers) {
      recorder.count(new UsageTicket(() => fromExecuted(operation), 0), clientOf(headers), false);
    },
    close: reporter.close,
  };
}

function fromExecuted({
  snapshot,
  document,
  documentKey,
  operation,
  variables,
}: AdmittedOperation): UsedOperation {
  return {
    snapshot,
    documentKey,
    operationName: operation.name?.value,
    variables,
    // A parsed document has its text with it.
    document: () => ({ document, text: document.loc?.source.body }),
  };
}
