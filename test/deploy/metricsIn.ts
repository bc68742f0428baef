/** Names of metrics in a query of Prometheus; the series of a histogram count as the histogram. */
export function metricsIn(query: string): string[] {
  const names = query.match(/\b(?:headgate[:_][\w:]+|nodejs_\w+|process_\w+)/g) ?? [];
  return names.map((name) => name.replace(/_(bucket|sum|count)$/, ''));
}
