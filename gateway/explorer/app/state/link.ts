/** An operation in the address of the page. Headers are left out: they can hold secrets. It never leaves the browser. */
export function linkTo(query: string, variables: string): string {
  const parts = new URLSearchParams({ query });
  if (variables.trim() !== '') parts.set('variables', variables);
  return `${location.origin}${location.pathname}#${parts}`;
}

export function readLink(hash: string): { readonly query?: string; readonly variables?: string } {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const query = parts.get('query');
  const variables = parts.get('variables');
  return { ...(query !== null && { query }), ...(variables !== null && { variables }) };
}
