import type { Database } from '../platform/database/database.js';
import type { RequestHandler } from '../platform/http/httpServer.js';
import { sendJson } from '../platform/http/sendJson.js';
import type { Logger } from '../platform/logger.js';
import { createChecker } from './check/checker.js';
import { createDistribution, type Distribution } from './graph/distribution.js';
import { createPublisher, type Publisher } from './graph/publish.js';
import type { Signer } from './graph/signing.js';
import { openOperationLists } from './operations/openOperationLists.js';
import type { RegistryConfig } from './registryConfig.js';
import type { RegistryMetrics } from './registryMetrics.js';
import { createAuthorise } from './server/authorise.js';
import { createCheckHandlers } from './server/checkHandlers.js';
import { createHistoryHandlers } from './server/historyHandlers.js';
import { createOperationListHandlers } from './server/operationListHandlers.js';
import { createPageHandlers } from './server/pageHandlers.js';
import { createPublishHandlers } from './server/publishHandlers.js';
import { createRoutes } from './server/routes.js';
import { createSupergraphHandler } from './server/supergraphHandler.js';
import { createUsageHandlers } from './server/usageHandlers.js';
import { createApprovalStore } from './store/approvals.js';
import { createArtefactStore } from './store/artefacts.js';
import { createAuditLog } from './store/auditLog.js';
import { createCheckStore } from './store/checks.js';
import { createGraphStore } from './store/graphStore.js';
import { createUsageStore } from './usage/usageStore.js';
import type { SchemaWorker } from './work/schemaWorker.js';

export interface RegistryOptions {
  readonly config: RegistryConfig;
  /** With `REGISTRY_COLLECTIONS`. */
  readonly database: Database;
  readonly worker: SchemaWorker;
  readonly signer: Signer;
  readonly logger: Logger;
  /** Without them nothing is counted. */
  readonly metrics?: RegistryMetrics | undefined;
  /** @default the system's */
  readonly clock?: () => Date;
  /** How often other processes are looked at while a gateway waits. @default 1000 */
  readonly pollMs?: number;
}

export interface Registry {
  readonly handler: RequestHandler;
  readonly publisher: Publisher;
  readonly distribution: Distribution;
  /** Answers gateways that wait. */
  letGo(): void;
  /** The same, and ends what is being composed. */
  close(): Promise<void>;
}

const PING_TIMEOUT_MS = 2_000;

/** Everything of the registry but the listening. */
export function createRegistry(options: RegistryOptions): Registry {
  const { config, database, signer, logger, metrics, clock = () => new Date(), pollMs = 1_000 } = options;
  const worker = metrics?.worker(options.worker) ?? options.worker;
  const graph = createGraphStore(database, clock);
  const artefacts = createArtefactStore(database, clock);
  const audit = createAuditLog(database);
  const approvals = createApprovalStore(database);
  const usage = createUsageStore(database, { ...config.usage, clock });
  const distribution = createDistribution({ graph, artefacts, pollMs, logger });
  const onChange = () => distribution.nudge();
  const unmeasured = createPublisher({ graph, artefacts, audit, worker, clock, onChange });
  const publisher = metrics?.publisher(unmeasured) ?? unmeasured;
  metrics?.watch(distribution);
  const { days } = config.usage;
  const check = createChecker({
    ...{ graph, artefacts, approvals, usage, worker, days, clock },
    lint: config.lint,
  });
  const operationLists = openOperationLists({
    ...{ database, graph, artefacts, audit, worker, clock },
    ...{ pollMs, logger },
  });
  const authorise = createAuthorise(config);
  const handler = createRoutes({
    'GET /health/live': (_request, response) => sendJson(response, 200, { status: 'live' }),
    'GET /health/ready': async (_request, response) => {
      const ready = await database.ping(PING_TIMEOUT_MS).then(
        () => true,
        () => false,
      );
      sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready' });
    },
    ...createPageHandlers(),
    'GET /v1/key': (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-pem-file' }).end(signer.publicKey);
    },
    'GET /v1/supergraph': createSupergraphHandler({ distribution, signer, authorise }),
    ...createUsageHandlers({
      usage,
      graph,
      artefacts,
      authorise,
      maxReportBytes: config.usage.maxReportBytes,
      days,
      clock,
    }),
    ...createCheckHandlers({
      check: metrics?.check(check) ?? check,
      checks: createCheckStore(database),
      approvals,
      audit,
      authorise,
      maxBodyBytes: config.maxSchemaBytes,
      clock,
    }),
    ...createHistoryHandlers({ graph, artefacts, audit, worker, tokens: config.tokens, authorise }),
    ...createPublishHandlers({ publisher, authorise, maxBodyBytes: config.maxSchemaBytes }),
    ...createOperationListHandlers({
      ...operationLists,
      signer,
      authorise,
      maxBodyBytes: config.maxSchemaBytes,
    }),
  });
  const letGo = () => {
    distribution.close();
    operationLists.followed.close();
  };
  return {
    handler,
    publisher,
    distribution,
    letGo,
    async close() {
      letGo();
      await worker.close();
    },
  };
}
