import { constants, setPriority } from 'node:os';
import { buildExplorer, isExplorerBuilt } from './buildExplorer.js';

/** `npm run build` ends with it. `headgate start` runs it beside itself, with `--gently`: what answers goes first. */
if (process.argv.includes('--gently')) setPriority(constants.priority.PRIORITY_LOW);
if (!isExplorerBuilt()) void buildExplorer();
