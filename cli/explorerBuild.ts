import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isExplorerBuilt } from '../gateway/explorer/build/buildExplorer.js';
import type { Logger } from '../platform/logger.js';
import { assetPath } from '../platform/readAsset.js';

/**
 * Builds the explorer's page where it is missing or old, in a process of its own that leaves the gateway its share of
 * the machine.
 *
 * @returns ends it
 */
export function buildExplorerBeside(logger: Logger): () => void {
  const program = assetPath('dist/gateway/explorer/build/main.js');
  if (isExplorerBuilt() || !existsSync(program)) return () => undefined;
  const child = spawn(process.execPath, [program, '--gently'], { stdio: ['ignore', 'ignore', 'inherit'] });
  child.once('error', (err) => logger.warn({ err }, 'the explorer could not be built'));
  child.once('exit', (code) => {
    if (code === 0) logger.info('the explorer is built');
    else if (code !== null) logger.warn({ code }, 'the explorer could not be built; try npm run build');
  });
  return () => child.kill();
}
