import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { assetPath, readAsset } from '../../platform/readAsset.js';
import { findBinary } from '../support/findBinary.js';
import { describeReal } from '../support/realParts.js';
import { dashboards } from './dashboards.js';
import { exportedMetrics } from './exportedMetrics.js';
import { metricsIn } from './metricsIn.js';
import { readYaml } from './readYaml.js';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const { groups } = parse(readAsset('deploy/prometheus/alerts.yml')) as {
  groups: readonly { rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const names = alerts.map(({ alert }) => alert as string);

function promtool(...args: readonly string[]) {
  const binary = findBinary('PROMTOOL_BINARY', ['promtool']) as string;
  return promisify(execFile)(binary, args, { cwd: assetPath('deploy/prometheus') }).then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => {
      throw new Error(`${stdout}\n${stderr}`);
    },
  );
}

describeReal('promtool', 'the rules of Prometheus', () => {
  it('are rules', async () => {
    expect(await promtool('check', 'rules', 'alerts.yml')).toContain(`SUCCESS: ${rules.length} rules found`);
  });

  it('fire by their faults, after the time that is shipped, and clear again', async () => {
    expect(await promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  });

  it('stand in a configuration that Prometheus takes', async () => {
    expect(await promtool('check', 'config', 'prometheus.yml')).toContain('SUCCESS');
    // Debian's Prometheus knows nothing of Kubernetes: all but how pods are found is checked.
    const folder = await mkdtemp(path.join(tmpdir(), 'headgate-test-'));
    try {
      const file = path.join(folder, 'kubernetes.yml');
      const text = readAsset('deploy/prometheus/kubernetes.yml')
        .replace(/kubernetes_sd_configs:.*?(?= +relabel_configs)/s, 'static_configs: []\n')
        .replace('alerts.yml', assetPath('deploy/prometheus/alerts.yml'));
      await writeFile(file, text);
      expect(await promtool('check', 'config', file)).toContain('SUCCESS');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

interface Relabeling {
  readonly source_labels: readonly string[];
  readonly regex?: string;
  readonly target_label?: string;
  readonly replacement?: string;
  readonly action?: 'keep' | 'drop';
}

/** What Prometheus makes of a target; `undefined` for nothing. */
function relabeled(
  target: Readonly<Record<string, string>>,
  rules: readonly Relabeling[],
): Record<string, string> | undefined {
  const labels: Record<string, string> = { ...target };
  for (const { source_labels, regex = '(.*)', target_label, replacement = '$1', action } of rules) {
    const value = source_labels.map((name) => labels[name] ?? '').join(';');
    const whole = new RegExp(`^(?:${regex})$`);
    const matches = whole.test(value);
    if ((action === 'keep' && !matches) || (action === 'drop' && matches)) return undefined;
    if (target_label !== undefined && matches) labels[target_label] = value.replace(whole, replacement);
  }
  return labels;
}

describe('the configuration of Prometheus for Kubernetes', () => {
  it('gives pods the jobs and labels that alerts ask for, as the one of compose does', () => {
    const [compose, kubernetes] = ['prometheus.yml', 'kubernetes.yml'].map((file) =>
      parse(readAsset(`deploy/prometheus/${file}`)),
    );
    const manifests = ['gateway', 'subgraphs', 'worker', 'registry'].flatMap((name) =>
      readYaml(`deploy/kubernetes/base/${name}.yaml`),
    ) as {
      readonly kind: string;
      readonly spec: {
        readonly template: {
          readonly metadata: { readonly labels: Readonly<Record<string, string>> };
          readonly spec: { readonly containers: readonly [{ readonly ports: readonly { name: string }[] }] };
        };
      };
    }[];
    const found = manifests.flatMap(({ kind, spec }) => {
      if (kind !== 'Deployment') return [];
      const { metadata, spec: pod } = spec.template;
      return pod.containers[0].ports.flatMap(({ name }) => {
        const labels = relabeled(
          {
            job: 'headgate',
            __meta_kubernetes_pod_container_port_name: name,
            __meta_kubernetes_pod_phase: 'Running',
            __meta_kubernetes_pod_name: 'pod-1',
            ...Object.fromEntries(
              Object.entries(metadata.labels).map(([label, value]) => [
                `__meta_kubernetes_pod_label_${label.replaceAll(/\W/g, '_')}`,
                value,
              ]),
            ),
          },
          kubernetes.scrape_configs[0].relabel_configs,
        );
        return labels === undefined ? [] : [[labels['job'], labels['subgraph']].join(' ').trim()];
      });
    });
    const wanted = (
      compose.scrape_configs as { job_name: string; static_configs: { labels?: { subgraph?: string } }[] }[]
    ).flatMap(({ job_name, static_configs }) =>
      static_configs.map(({ labels }) => [job_name, labels?.subgraph].join(' ').trim()),
    );
    expect(found.sort()).toEqual(wanted.sort());
  });
});

describe('alerts', () => {
  it('each have their case, their time, and who is called', () => {
    const { tests } = parse(readAsset('deploy/prometheus/alerts.test.yml')) as {
      tests: readonly { name: string; alert_rule_test: readonly { exp_alerts: readonly unknown[] }[] }[];
    };
    expect(tests.map(({ name }) => name).sort()).toEqual([...names].sort());
    // Quiet, firing, cleared: a case that only expects nothing would never fail.
    for (const { alert_rule_test: cases } of tests) {
      expect(cases.map(({ exp_alerts }) => exp_alerts.length)).toEqual([0, 1, 0]);
    }
    for (const { for: time, labels } of alerts) {
      expect(time).toMatch(/^\d+m$/);
      expect(labels?.['severity']).toMatch(/^(page|ticket)$/);
    }
  });

  it('each lead to a section of the runbook, and there is no other', () => {
    const runbook = readAsset('docs/runbooks.md');
    const sections = [...runbook.matchAll(/^## (Headgate\w+)$/gm)].map(([, name]) => name);
    expect(sections.sort()).toEqual([...names].sort());
    for (const { alert = '', annotations } of alerts) {
      expect(annotations?.['runbook_url']).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
    }
  });
});

describe('dashboards and alerts', () => {
  const recorded = new Set(rules.flatMap(({ record }) => record ?? []));

  it('name only metrics that the running system exports', async () => {
    const exported = await exportedMetrics();
    const named = [
      ...rules.map(({ expr }) => expr),
      ...dashboards().flatMap(({ queries }) => queries),
    ].flatMap(metricsIn);
    expect(new Set(named).size).toBeGreaterThan(30);
    expect([...new Set(named)].filter((name) => !exported.has(name) && !recorded.has(name))).toEqual([]);
  });

  it('would notice a name that is wrong', async () => {
    const [name = ''] = metricsIn('sum(rate(headgate_no_such_thing_total{job="gateway"}[5m]))');
    expect(name).toBe('headgate_no_such_thing_total');
    expect((await exportedMetrics()).has(name)).toBe(false);
  });
});

describe('dashboards', () => {
  it('are what Grafana provisions: each with an id of its own, and panels that ask a known datasource', () => {
    const known = parse(
      readFileSync(assetPath('deploy/grafana/provisioning/datasources/datasources.yml'), 'utf8'),
    );
    const uids = known.datasources.map(({ uid }: { uid: string }) => uid);
    const all = dashboards();
    expect(all.length).toBeGreaterThanOrEqual(3);
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length);
    for (const { datasources, queries } of all) {
      expect(queries.length).toBeGreaterThan(0);
      for (const uid of datasources) expect(uids).toContain(uid);
    }
  });
});
