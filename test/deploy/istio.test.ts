import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { assetPath } from '../../platform/readAsset.js';
import { readYaml } from './readYaml.js';

// biome-ignore lint/suspicious/noExplicitAny: the models know the shapes
type Manifest = any;

const manifests = readYaml('deploy/istio/mesh.yaml') as Manifest[];
/** Rejects with what is wrong. */
const validate = (...some: readonly Manifest[]) =>
  promisify(execFile)(process.execPath, [assetPath('test/deploy/validateIstio.mjs'), JSON.stringify(some)]);
const route = manifests.find(({ kind }) => kind === 'VirtualService');

describe('the manifests of Istio', () => {
  it('are what Istio takes, and would be refused with a value of the wrong kind', async () => {
    await validate(...manifests);
    const { spec, ...rest } = manifests.find(({ kind }) => kind === 'DestinationRule');
    const wrong = { ...rest, spec: { ...spec, trafficPolicy: { outlierDetection: { interval: 5 } } } };
    await expect(validate(wrong)).rejects.toThrow('interval');
  });

  it('speak mutual TLS alone', () => {
    const { spec } = manifests.find(({ kind }) => kind === 'PeerAuthentication');
    expect(spec).toEqual({ mtls: { mode: 'STRICT' } });
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

  it('repeat a request that was sent for GET alone', () => {
    const retried = route.spec.http.filter(({ retries }: Manifest) =>
      /reset|503|5xx/.test(retries?.retryOn ?? ''),
    );
    expect(retried.map(({ match }: Manifest) => match)).toEqual([[{ method: { exact: 'GET' } }]]);
  });
});
