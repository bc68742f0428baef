import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The fenced code of one language in a page, in its order, so that tests can hold it to what it says. */
export function codeBlocks(page: string, language: string): readonly string[] {
  const text = readFileSync(join(__dirname, '../..', page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , code = '']) => code);
}
