import { hash } from 'node:crypto';

/** What Apollo Server calls the query hash: under it, a document's plans are kept. */
export function documentKeyOf(text: string): string {
  return hash('sha256', text, 'hex');
}
