import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gatewayConfigSchema } from '../../gateway/config.js';
import { assetPath, readAsset } from '../../platform/readAsset.js';
import { readYaml } from './readYaml.js';

// biome-ignore lint/suspicious/noExplicitAny: the models know the shapes
type Manifest = any;

const manifests = readYaml('deploy/istio/mesh.yaml') as Manifest[];
/** Rejects with what is wrong. */
const validate = (...some: readonly Manifest[]) =>
  promisify(execFile)(process.execPath, [assetPath('test/deploy/validateIstio.mjs'), JSON.stringify(some)]);
const pods = ['gateway', 'subgraphs', 'worker', 'registry']
  .flatMap((name) => readYaml(`deploy/kubernetes/base/${name}.yaml`) as Manifest[])
  .filter(({ kind }) => kind === 'Deployment')
  .map(({ spec }) => spec.template);
const route = manifests.find(({ kind }) => kind === 'VirtualService');

describe('the manifests of Istio', () => {
  it('are what Istio takes, and would be refused with a value of the wrong kind', async () => {
    await validate(...manifests);
    const { spec, ...rest } = manifests.find(({ kind }) => kind === 'DestinationRule');
    const wrong = { ...rest, spec: { ...spec, trafficPolicy: { outlierDetection: { interval: 5 } } } };
    await expect(validate(wrong)).rejects.toThrow('interval');
  });

  it('speak mutual TLS alone, but for metrics', () => {
    const [all, metrics] = manifests.filter(({ kind }) => kind === 'PeerAuthentication');
    expect(all.spec).toEqual({ mtls: { mode: 'STRICT' } });
    // Prometheus is outside of the mesh, and Istio must not move what it scrapes to a port that is closed to it.
    expect(metrics.spec).toMatchObject({
      mtls: { mode: 'STRICT' },
      portLevelMtls: { 9464: { mode: 'PERMISSIVE' } },
    });
    for (const { metadata } of pods) {
      expect(metadata.labels).toMatchObject(metrics.spec.selector.matchLabels);
      expect(metadata.annotations['prometheus.istio.io/merge-metrics']).toBe('false');
    }
  });

  it('route to subsets that exist, by weights that are a whole', () => {
    const { subsets } = manifests.find(({ metadata }) => metadata.name === 'gateway').spec;
    const names = subsets.map(({ name }: { name: string }) => name);
    for (const { route: destinations } of route.spec.http) {
      const weights = destinations.map(({ weight = 100 }: { weight?: number }) => weight);
      expect(weights.reduce((sum: number, weight: number) => sum + weight, 0)).toBe(100);
      for (const { destination } of destinations) expect(names).toContain(destination.subset);
    }
  });

  it('send nothing to pods that do not exist', () => {
    const { subsets } = manifests.find(({ metadata }) => metadata.name === 'gateway').spec;
    const existing = subsets.filter(({ labels }: Manifest) =>
      pods.some(({ metadata }) =>
        Object.entries(labels).every(([key, value]) => metadata.labels[key] === value),
      ),
    );
    const names = existing.map(({ name }: Manifest) => name);
    for (const { name, route: destinations } of route.spec.http) {
      // Who asks for the canary by name is told that there is none.
      if (name === 'by-header') continue;
      const used = destinations.filter(({ weight }: Manifest) => weight !== 0);
      expect([name, used.map(({ destination }: Manifest) => destination.subset)]).toEqual([name, names]);
    }
  });

  it('do not leave a gateway alone for what it refuses', () => {
    const { outlierDetection } = manifests.find(({ metadata }) => metadata.name === 'gateway').spec
      .trafficPolicy;
    expect(outlierDetection).toMatchObject({
      splitExternalLocalOriginErrors: true,
      consecutive5xxErrors: 0,
    });
    expect(outlierDetection).not.toHaveProperty('consecutiveGatewayErrors');
    for (const { retries } of route.spec.http) expect(retries?.retryOn ?? '').not.toMatch(/5xx|503|gateway/);
  });

  it('give a gateway the time that it takes itself', () => {
    const { requestTimeoutMs } = gatewayConfigSchema.parse({});
    const [reads] = route.spec.http.filter(({ name }: Manifest) => name === 'reads');
    expect(Number.parseInt(reads.retries.perTryTimeout, 10) * 1000).toBeGreaterThan(requestTimeoutMs);
    const nginx = /proxy_read_timeout (\d+)s;/.exec(readAsset('deploy/nginx/headgate.conf'))?.[1];
    expect(Number(nginx) * 1000).toBeGreaterThan(requestTimeoutMs);
  });

  it('repeat a request that was sent for GET alone', () => {
    const retried = route.spec.http.filter(({ retries }: Manifest) =>
      /reset|503|5xx/.test(retries?.retryOn ?? ''),
    );
    expect(retried.map(({ match }: Manifest) => match)).toEqual([[{ method: { exact: 'GET' } }]]);
  });
});
