/** Asks something, and waits until there is an answer or none; it is of no interest. */
export async function post(url: string, query: string): Promise<void> {
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(30_000),
  }).then(
    (response) => response.arrayBuffer(),
    () => undefined,
  );
}
