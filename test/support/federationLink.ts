/** The line that makes a schema a federation 2 subgraph and imports these directives, such as `@key`. */
export function federationLink(...directives: readonly `@${string}`[]): string {
  const imports = directives.map((name) => `"${name}"`).join(', ');
  return `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}])\n`;
}
