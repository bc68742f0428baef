import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first of these programs: an absolute path from the environment variable, or a name on the PATH. */
export function findBinary(variable: string, names: readonly string[]): string | undefined {
  const configured = process.env[variable];
  if (configured) {
    if (!isExecutable(configured))
      throw new Error(`${variable} is set to ${configured}, which cannot be executed`);
    return configured;
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
