import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { assetPath } from '../../../platform/readAsset.js';
import { EXPLORER_PATH } from '../createExplorerHandler.js';
import { EXPLORER_FOLDER } from '../explorerFiles.js';
import { sourcesHash } from './sourcesHash.js';

/** Below it, compressing saves nothing worth a second file. */
const MIN_COMPRESSED_BYTES = 4096;

const STAMP = 'sources.sha256';

/** Whether the built page is that of these sources, or there are no sources to build one of. */
export function isExplorerBuilt(): boolean {
  const hash = sourcesHash();
  const stamp = path.join(assetPath(EXPLORER_FOLDER), STAMP);
  return hash === undefined || (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash);
}

/** Bundles the page. It is put in its place in one step, so that a gateway that serves it meanwhile sees no half of it. */
export async function buildExplorer(): Promise<void> {
  const hash = sourcesHash();
  if (hash === undefined) return;
  const target = assetPath(EXPLORER_FOLDER);
  mkdirSync(path.dirname(target), { recursive: true });
  const folder = mkdtempSync(path.join(path.dirname(target), '.explorer-'));
  const tidy = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', tidy);
  try {
    await bundle(folder);
    compressFiles(path.join(folder, 'assets'));
    writeFileSync(path.join(folder, STAMP), hash);
    rmSync(target, { recursive: true, force: true });
    renameSync(folder, target);
  } finally {
    process.off('exit', tidy);
    tidy();
  }
}

async function bundle(outDir: string): Promise<void> {
  const [{ build }, { default: react }] = await Promise.all([import('vite'), import('@vitejs/plugin-react')]);
  await build({
    configFile: false,
    root: assetPath('gateway/explorer/app'),
    base: `${EXPLORER_PATH}/`,
    plugins: [react()],
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      // The policy of the page allows no code from `data:` addresses.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
}

function compressFiles(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const bytes = readFileSync(file);
    if (bytes.length >= MIN_COMPRESSED_BYTES) writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  }
}
