import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { assetPath } from '../../../platform/readAsset.js';

/** The page's own sources, the types that it shares with the gateway, and the packages that it is built of and by. */
const SOURCES = [
  'gateway/explorer/app',
  'gateway/explorer/build',
  'gateway/explorer/explorerSettings.ts',
  'gateway/trace/traceReport.ts',
  'gateway/cache/fetchExplanation.ts',
  'package-lock.json',
];

/** Equal for equal sources. `undefined` where they are not: an installed package brings the page already built. */
export function sourcesHash(): string | undefined {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    if (!existsSync(assetPath(source))) return undefined;
    for (const file of filesIn(source)) hash.update(`${file}\n`).update(readFileSync(assetPath(file)));
  }
  return hash.digest('hex');
}

function filesIn(source: string): string[] {
  if (path.extname(source) !== '') return [source];
  return readdirSync(assetPath(source), { withFileTypes: true })
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => filesIn(path.posix.join(source, name)));
}
