import { table } from '../support/table.js';
import type { Stack } from './startStack.js';

/** Where everything is. */
export function describeStack({ processes, origin, prometheusUrl, addresses, folder }: Stack): string {
  const places = [
    ['the shop', `${origin}/graphql`],
    ['schema registry', `http://127.0.0.1:${addresses.port('registry:4010')}/`],
    ['metrics of a gateway', `http://127.0.0.1:${addresses.port('gateway-1:9464')}/metrics`],
    ...(prometheusUrl ? [['Prometheus', prometheusUrl]] : []),
    ['everything else: data, logs, mail, configuration', folder],
  ];
  const rows = processes.map(({ spec, pid }) => [spec.name, String(pid), String(spec.health)]);
  return [
    table(['part', 'process', 'healthy when it answers at'], rows),
    '',
    table(['what', 'where'], places),
    '',
  ].join('\n');
}
