import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { assetPath, readAsset } from '../../platform/readAsset.js';
import { findBinary } from '../support/findBinary.js';
import { describeReal } from '../support/realParts.js';
import { dashboards } from './dashboards.js';
import { exportedMetrics } from './exportedMetrics.js';
import { metricsIn } from './metricsIn.js';

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
