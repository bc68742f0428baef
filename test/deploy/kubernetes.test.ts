import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { type Config, ENVIRONMENT_KEYS, readConfig } from '../../cli/config.js';
import { assetPath, readAsset } from '../../platform/readAsset.js';
import { findBinary } from '../support/findBinary.js';
import { describeReal, findKubernetesValidate } from '../support/realParts.js';

const run = promisify(execFile);

/** What the manifests are written for, and validated by. */
const KUBERNETES = '1.34';

// biome-ignore lint/suspicious/noExplicitAny: manifests of many kinds, whose shapes the validator has checked
type Manifest = any;

async function build(overlay: string): Promise<string> {
  const kubectl = findBinary('KUBECTL_BINARY', ['kubectl']) as string;
  return (await run(kubectl, ['kustomize', assetPath(`deploy/kubernetes/overlays/${overlay}`)])).stdout;
}

const parsed = (text: string): Manifest[] => parseAllDocuments(text).map((document) => document.toJS());

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'headgate-test-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws with what is wrong */
async function validate(text: string): Promise<void> {
  await inFolder(async (folder) => {
    const file = path.join(folder, 'all.yaml');
    await writeFile(file, text);
    const args = ['--strict', '--kubernetes-version', KUBERNETES, '--quiet', file];
    await run(findKubernetesValidate() as string, args).catch(({ stdout, stderr }) => {
      throw new Error(`${stdout}${stderr}`);
    });
  });
}

describeReal('kubernetes', 'the manifests of Kubernetes', () => {
  let production: string;
  let dev: string;
  let manifests: Manifest[];
  const configuration = (): string => ofKind('ConfigMap')[0].data['headgate.yaml'];
  const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
  beforeAll(async () => {
    [production, dev] = await Promise.all([build('production'), build('dev')]);
    manifests = parsed(production);
  });

  it('are valid by the schemas of one version of Kubernetes, with no key that it does not know', async () => {
    await validate(production);
    await validate(dev);
    await expect(validate(production.replace('readinessProbe:', 'readynessProbe:'))).rejects.toThrow(
      'readynessProbe',
    );
  });

  it('have every process of the system', () => {
    const names = ofKind('Deployment').map(({ metadata }) => metadata.name);
    expect(names.sort()).toEqual(['gateway', 'inventory', 'orders', 'products', 'registry', 'worker']);
  });

  it('give no pod more rights than it needs', () => {
    for (const { spec } of ofKind('Deployment')) {
      const pod = spec.template.spec;
      expect(pod.automountServiceAccountToken).toBe(false);
      // A service called headgate-registry would set HEADGATE_REGISTRY_PORT to `tcp://…`.
      expect(pod.enableServiceLinks).toBe(false);
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const container of pod.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources.limits.memory).toBeDefined();
        expect(container.image).not.toMatch(/:latest$|^[^:]+$/);
      }
    }
  });

  it('replace pods without a gap: a new one is ready first, an old one goes on until nobody asks it, and drains', () => {
    const [config] = ofKind('ConfigMap');
    const drainMs = Number(/drainTimeoutMs: (\d+)/.exec(config.data['headgate.yaml'])?.[1]);
    for (const { metadata, spec } of ofKind('Deployment')) {
      expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
      const pod = spec.template.spec;
      const [container] = pod.containers;
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
        expect([metadata.name, probe, container[probe].httpGet.path]).toEqual([
          metadata.name,
          probe,
          probe === 'livenessProbe' ? '/health/live' : '/health/ready',
        ]);
      }
      const waitsMs = Number(/, (\d+)\)/.exec(container.lifecycle.preStop.exec.command.at(-1))?.[1]);
      expect(waitsMs).toBeGreaterThanOrEqual(5_000);
      expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThan(waitsMs + drainMs);
    }
  });

  it('keep all but the registry running through the loss of a node, and scale them', () => {
    const names = ['gateway', 'inventory', 'orders', 'products', 'worker'];
    expect(
      ofKind('PodDisruptionBudget')
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(names);
    const scaled = ofKind('HorizontalPodAutoscaler');
    expect(scaled.map(({ spec }) => spec.scaleTargetRef.name).sort()).toEqual(names);
    for (const { spec } of scaled) expect(spec.minReplicas).toBeGreaterThanOrEqual(2);
  });

  it('select pods that exist, by ports that they have', () => {
    const pods = ofKind('Deployment').map(({ spec }) => spec.template);
    const matching = (labels: Record<string, string>) =>
      pods.filter(({ metadata }) =>
        Object.entries(labels).every(([key, value]) => metadata.labels[key] === value),
      );
    for (const { metadata, spec } of ofKind('Service')) {
      const [pod] = matching(spec.selector);
      const ports = pod?.spec.containers[0].ports.map(({ name }: { name: string }) => name);
      expect([metadata.name, ports]).toEqual([metadata.name, expect.arrayContaining(['http'])]);
    }
    for (const { metadata, spec } of [...ofKind('NetworkPolicy'), ...ofKind('PodDisruptionBudget')]) {
      const { matchLabels } = spec.podSelector ?? spec.selector;
      if (matchLabels)
        expect([metadata.name, matching(matchLabels).length > 0]).toEqual([metadata.name, true]);
    }
  });

  it('let nothing in but what is named, and have no policy without a source', () => {
    const policies = ofKind('NetworkPolicy');
    const deny = policies.find(({ metadata }) => metadata.name === 'default-deny');
    expect(deny.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress'] });
    for (const { metadata, spec } of policies) {
      for (const { from, ports } of spec.ingress ?? []) {
        expect([metadata.name, from?.length > 0, ports?.length > 0]).toEqual([metadata.name, true, true]);
      }
    }
  });

  it('have secrets by reference alone in production', () => {
    expect(ofKind('Secret')).toEqual([]);
    expect(production).not.toMatch(/laptop/);
    for (const { spec } of ofKind('Deployment')) {
      expect(spec.template.spec.containers[0].envFrom).toEqual([{ secretRef: { name: 'headgate' } }]);
    }
    // That of the overlay for a laptop has only variables that the program knows, or its configuration asks for.
    const secret = parsed(dev).find(({ kind }) => kind === 'Secret');
    const asked = configuration().match(/(?<=\$\{)\w+/g) ?? [];
    const known = [...Object.keys(ENVIRONMENT_KEYS), ...asked];
    expect(Object.keys(secret.data).filter((name) => !known.includes(name))).toEqual([]);
  });

  /** As a process reads it whose variables are those of the overlay for a laptop. */
  async function readAsPod(): Promise<Config> {
    const { data } = parsed(dev).find(({ kind }) => kind === 'Secret');
    const variables = Object.entries<string>(data).map(([name, value]) => [
      name,
      Buffer.from(value, 'base64').toString(),
    ]);
    return inFolder(async (folder) => {
      const file = path.join(folder, 'headgate.yaml');
      await writeFile(file, configuration());
      return readConfig(file, Object.fromEntries(variables));
    });
  }

  it('need no variable that the documentation does not name', () => {
    const { data } = parsed(dev).find(({ kind }) => kind === 'Secret');
    const [, section = ''] = readAsset('docs/operations.md').split('\n## On Kubernetes\n');
    const [before = ''] = section.split('\n## ');
    // A pod of the overlay for a laptop makes its own key.
    for (const name of Object.keys(data)) expect(before).toContain(`\`${name.replace(/_FILE$/, '')}\``);
  });

  it('have a configuration that the program takes', async () => {
    expect((await readAsPod()).gateway.drainTimeoutMs).toBe(20_000);
  });

  it('have a configuration by which the parts let each other in', async () => {
    const { gateway, registry, subgraphs } = await readAsPod();
    expect(gateway.cache.feedToken).toBe(subgraphs.feedToken);
    expect(gateway.cache.feedToken).toBeDefined();
    // Without a token the registry does not start.
    expect(registry.tokens.map(({ role }) => role).sort()).toEqual(['admin', 'gateway']);
    expect(registry.tokens.find(({ role }) => role === 'gateway')?.token).toBe(gateway.registry.token);
  });
});
