import { readdirSync } from 'node:fs';
import { assetPath, readAsset } from '../../platform/readAsset.js';

export interface Dashboard {
  readonly uid: string;
  /** Of Prometheus. */
  readonly queries: readonly string[];
  readonly datasources: readonly string[];
}

interface Panel {
  readonly datasource: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}

/** The dashboards that Grafana is given. */
export function dashboards(): Dashboard[] {
  return readdirSync(assetPath('deploy/grafana/dashboards')).map((file) => {
    const { uid, panels } = JSON.parse(readAsset(`deploy/grafana/dashboards/${file}`)) as {
      uid: string;
      panels: readonly Panel[];
    };
    const asking = panels.filter(({ targets }) => targets !== undefined);
    return {
      uid,
      datasources: asking.map(({ datasource }) => datasource.uid),
      queries: asking
        .filter(({ datasource }) => datasource.uid === 'prometheus')
        .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    };
  });
}
