/**
 * Inventory and the registry keep databases of their own, also on a laptop where they share the server with the others.
 *
 * @returns the URI with `_<suffix>` after its database name
 */
export function besideIt(uri: string | undefined, suffix: string): string | undefined {
  return uri?.replace(
    /^([^/]+\/\/[^/?]+)\/?([^?]*)/,
    (_all, server: string, name: string) => `${server}/${name || 'headgate'}_${suffix}`,
  );
}
