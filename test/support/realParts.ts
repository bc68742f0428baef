import { randomBytes } from 'node:crypto';
import { findBinary } from './findBinary.js';
import { findMongod } from './mongod.js';
import { findRedis } from './redis.js';

/** `mongodb` is the replica set of this test run; `mongod` is the program, for suites that start their own. */
export type RealPart = 'mongodb' | 'mongod' | 'redis' | 'nginx' | 'chromium' | 'promtool' | 'kubernetes';

const PARTS: Readonly<Record<RealPart, { isThere(): boolean; readonly missing: string }>> = {
  mongodb: {
    isThere: () => process.env['HEADGATE_TEST_MONGODB_URI'] !== undefined,
    missing:
      'no mongod: set MONGOD_BINARY, put mongod on the PATH, or let HEADGATE_DOWNLOAD_MONGOD=1 download one, ' +
      'or set HEADGATE_TEST_MONGODB_URI to a replica set',
  },
  mongod: {
    isThere: () => findMongod() !== undefined,
    missing:
      'no mongod: set MONGOD_BINARY, put mongod on the PATH, or let HEADGATE_DOWNLOAD_MONGOD=1 download one',
  },
  redis: {
    isThere: () => findRedis() !== undefined,
    missing: 'no redis-server: set REDIS_SERVER_BINARY, or put it on the PATH',
  },
  nginx: {
    isThere: () => findBinary('NGINX_BINARY', ['nginx']) !== undefined,
    missing: 'no nginx: set NGINX_BINARY, or put it on the PATH',
  },
  promtool: {
    isThere: () => findBinary('PROMTOOL_BINARY', ['promtool']) !== undefined,
    missing: 'no promtool: set PROMTOOL_BINARY, or put it on the PATH (Debian: prometheus)',
  },
  kubernetes: {
    isThere: () =>
      findBinary('KUBECTL_BINARY', ['kubectl']) !== undefined && findKubernetesValidate() !== undefined,
    missing:
      'no kubectl, or no kubernetes-validate (PyPI): set KUBECTL_BINARY and KUBERNETES_VALIDATE_BINARY, or put them on the PATH',
  },
  chromium: {
    isThere: () =>
      findBinary('CHROMIUM_BINARY', ['chromium', 'chromium-browser', 'google-chrome']) !== undefined,
    missing: 'no chromium: set CHROMIUM_BINARY, or put it on the PATH',
  },
};

/**
 * A suite that needs a real part. Where it is missing, the suite is skipped under a name that gives the reason,
 * or fails when `HEADGATE_REQUIRE_REAL_PARTS=1`, as in CI.
 */
export function describeReal(parts: RealPart | readonly RealPart[], name: string, define: () => void): void {
  const missing = [parts].flat().filter((part) => !PARTS[part].isThere());
  if (missing.length === 0) {
    describe(name, define);
    return;
  }
  const reasons = missing.map((part) => PARTS[part].missing).join('; ');
  if (process.env['HEADGATE_REQUIRE_REAL_PARTS'] === '1') {
    describe(name, () => {
      it(`has its real parts: ${missing.join(', ')}`, () => {
        throw new Error(reasons);
      });
    });
    return;
  }
  // Not even defined: what stands outside of the tests may rely on the part as well.
  describe.skip(`${name} (skipped: ${reasons})`, () => {
    it('needs its real parts', () => undefined);
  });
}

/** The URI of a new, empty database on the replica set of this test run. */
export function realMongodbUri(): string {
  const base = process.env['HEADGATE_TEST_MONGODB_URI'];
  if (base === undefined) throw new Error(PARTS.mongodb.missing);
  const database = `test_${randomBytes(8).toString('hex')}`;
  return base.replace(/^(mongodb(?:\+srv)?:\/\/[^/]+)\/?[^?]*/, `$1/${database}`);
}

/** Validates manifests by the schemas of one version of Kubernetes. */
export function findKubernetesValidate(): string | undefined {
  return findBinary('KUBERNETES_VALIDATE_BINARY', ['kubernetes-validate']);
}
