import type { IncomingMessage } from 'node:http';

/** Values by lower-case name, whatever they came with: the headers of a request, or what opened a WebSocket. */
export type HeaderLookup = (name: string) => string | undefined;

/** @returns looks into the headers of a request; of one that was sent several times, the first counts */
export function headersOf(request: Pick<IncomingMessage, 'headers'>): HeaderLookup {
  return (name) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
}

/** Parameters of `connection_init`, read as if they were headers: names in any case, texts alone. */
export function paramsAsHeaders(params: Readonly<Record<string, unknown>> | undefined): HeaderLookup {
  const byName = new Map<string, string>();
  for (const [name, value] of Object.entries(params ?? {})) {
    if (typeof value === 'string') byName.set(name.toLowerCase(), value);
  }
  return (name) => byName.get(name);
}
