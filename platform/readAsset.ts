import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

let root: string | undefined;

/** The folder of our package.json: the compiled code in `dist/` and the sources in tests find the same files. */
function packageRoot(): string {
  if (root !== undefined) return root;
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  root = folder;
  return folder;
}

/** @param relativePath from the package root, such as `subgraphs/products/typeDefs.graphql` */
export function assetPath(relativePath: string): string {
  return path.join(packageRoot(), relativePath);
}

export function readAsset(relativePath: string): string {
  return readFileSync(assetPath(relativePath), 'utf8');
}
