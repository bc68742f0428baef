import { constants, setPriority } from 'node:os';
import { buildExplorer, isExplorerBuilt } from './buildExplorer.js';

/** `npm run build` ends with it. `headgate start` runs it beside itself, with `--gently`: what answers goes first. */
if (process.argv.includes('--gently')) setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
// Who ends the start ends this as well: on the way out, what is half built goes.
process.once('SIGTERM', () => process.exit(1));
if (!isExplorerBuilt()) void buildExplorer();
