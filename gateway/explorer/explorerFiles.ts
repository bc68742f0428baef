import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { assetPath } from '../../platform/readAsset.js';

/** Where `npm run build` puts the page. */
export const EXPLORER_FOLDER = 'dist/explorer';

export interface ExplorerFile {
  readonly contentType: string;
  readonly contentEncoding: 'gzip' | undefined;
  readonly bytes: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
};

/**
 * A file of the built page, compressed where that is there and wanted.
 *
 * @param name `index.html`, or one in `assets/`; anything else is not there
 * @returns `undefined` when there is no such file, as before the page is built
 */
export async function readExplorerFile(
  name: string,
  acceptsGzip: boolean,
  folder = assetPath(EXPLORER_FOLDER),
): Promise<ExplorerFile | undefined> {
  const contentType = TYPES[path.extname(name)];
  if (contentType === undefined || !/^(assets\/)?\w[\w.-]*$/.test(name)) return undefined;
  const file = path.join(folder, name);
  const compressed = acceptsGzip ? await readIfThere(`${file}.gz`) : undefined;
  if (compressed !== undefined) return { contentType, contentEncoding: 'gzip', bytes: compressed };
  const bytes = await readIfThere(file);
  return bytes && { contentType, contentEncoding: undefined, bytes };
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
