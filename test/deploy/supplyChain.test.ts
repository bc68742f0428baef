import { readFileSync } from 'node:fs';
import { assetPath } from '../../platform/readAsset.js';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const read = (file: string) => JSON.parse(readFileSync(assetPath(file), 'utf8')) as unknown;
const lock = read('package-lock.json') as {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, LockedPackage & Partial<Manifest>>>;
};
const manifest = read('package.json') as Manifest;
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');

/** What docs/security.md says under "Supply chain". */
describe('the lockfile', () => {
  it('names every package by a version of the registry and the SHA-512 of its contents', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(locked.length).toBeGreaterThan(500);
    const wrong = locked.filter(
      ([, { integrity = '', resolved, link, version = '' }]) =>
        link === true ||
        !/^sha512-[\w+/]{86}==$/.test(integrity) ||
        !/^\d+\.\d+\.\d+/.test(version) ||
        // Where it is not named, it is the registry that npm is configured with: the hash holds for any.
        (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')),
    );
    expect(wrong.map(([path]) => path)).toEqual([]);
  });

  it('is that of package.json, which takes nothing from Git, files or other addresses', () => {
    const { dependencies, devDependencies } = manifest;
    expect(lock.packages['']).toMatchObject({ dependencies, devDependencies });
    const ranges = Object.values({ ...dependencies, ...devDependencies });
    expect(ranges.filter((range) => !/^[~^]?\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))).toEqual([]);
  });

  it('has no package besides the known ones that wants to run a program when it is installed', () => {
    const scripted = locked.filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev);
    // None of them is run in the image (`--ignore-scripts`); what we use of both works without.
    expect(scripted.map(([path]) => path)).toEqual([
      'node_modules/@apollo/protobufjs',
      'node_modules/msgpackr-extract',
    ]);
    const installs = readFileSync(assetPath('Dockerfile'), 'utf8').match(/npm (ci|install)[^\\&\n]*/g) ?? [];
    expect(installs.length).toBeGreaterThan(0);
    for (const install of installs) expect(install).toMatch(/^npm ci .*--ignore-scripts/);
  });
});
