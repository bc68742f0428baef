import { dashboards } from '../../test/deploy/dashboards.js';
import { table } from '../support/table.js';

interface Answer {
  readonly data?: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
}

export interface DashboardReport {
  readonly text: string;
  readonly missing: readonly string[];
}

/** Asks a Prometheus everything that the dashboards ask. A number that is none, such as 0/0, is no data. */
export async function askDashboards(prometheusUrl: string): Promise<DashboardReport> {
  const missing: string[] = [];
  const rows: string[][] = [];
  for (const { uid, queries } of dashboards()) {
    const empty: string[] = [];
    for (const query of queries) if (!(await hasData(prometheusUrl, query))) empty.push(query);
    rows.push([uid, String(queries.length), String(queries.length - empty.length)]);
    missing.push(...empty);
  }
  return { text: table(['dashboard', 'queries', 'with data'], rows), missing };
}

/** What Prometheus cannot scrape, by address. */
export async function targetsDown(prometheusUrl: string): Promise<readonly string[]> {
  const { data } = await ask(prometheusUrl, 'up == 0');
  return (data?.result ?? []).map(({ metric }) => `${metric['job']} ${metric['instance']}`);
}

async function hasData(prometheusUrl: string, query: string): Promise<boolean> {
  const { data } = await ask(prometheusUrl, query);
  return (data?.result ?? []).some(({ value }) => !Number.isNaN(Number(value[1])));
}

async function ask(prometheusUrl: string, query: string): Promise<Answer> {
  const response = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
  return (await response.json()) as Answer;
}
