import './telemetryOff.js';
import { buildSnapshot } from '../gateway/supergraph/snapshot.js';
import { serveJobs } from '../schema/work/serveJobs.js';

// The thread in which the registry composes; of no use by itself. The registry knows no gateway: here they meet.
serveJobs((supergraphSdl) => buildSnapshot(supergraphSdl, { planCacheEntries: 1 }).apiSchema);
