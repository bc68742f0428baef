import './telemetryOff.js';
import { runWorker } from '../gateway/workers/runWorker.js';
import { reportError } from './reportError.js';

// What `headgate gateway` forks; of no use by itself.
runWorker(reportError);
