import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assetPath } from '../platform/readAsset.js';

// npm links the commands of dependencies, never those of the package it installs for. With this link `npx headgate`
// works in a checkout as it does where Headgate is a dependency.
const command = assetPath('dist/cli/headgate.js');
const folder = assetPath('node_modules/.bin');
const link = path.join(folder, 'headgate');
mkdirSync(folder, { recursive: true });
chmodSync(command, 0o755);
if (process.platform === 'win32') {
  writeFileSync(`${link}.cmd`, `@node "${command}" %*\r\n`);
} else {
  rmSync(link, { force: true });
  symlinkSync(path.relative(folder, command), link);
}
