import { isTagValue, tagLiteral, tagValueText } from './tagText.js';

/** The `format` of a `@cacheTag`, taken apart. */
export interface CacheTagFormat {
  readonly text: string;
  /** Fixed parts as text, placeholders as the path of names after `$args` or `$key`. */
  readonly parts: readonly (string | readonly string[])[];
  /** Whether it has placeholders: only then does a tag name one thing. */
  readonly isSpecific: boolean;
}

const PLACEHOLDER = /\{\$(?:args|key)\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\}/;

export function parseCacheTagFormat(text: string): CacheTagFormat {
  // With one group in the pattern, `split` alternates between fixed text and the group.
  const parts = text
    .split(PLACEHOLDER)
    .map((part, index) => (index % 2 === 0 ? tagLiteral(part) : part.split('.')))
    .filter((part) => part !== '');
  return { text, parts, isSpecific: parts.some((part) => typeof part !== 'string') };
}

/** The tag, or `undefined` when a value that it should name is missing, null, or no scalar. */
export function renderCacheTag(
  format: CacheTagFormat,
  valueAt: (path: readonly string[]) => unknown,
): string | undefined {
  let tag = '';
  for (const part of format.parts) {
    if (typeof part === 'string') {
      tag += part;
      continue;
    }
    const value = valueAt(part);
    if (!isTagValue(value)) return undefined;
    tag += tagValueText(value);
  }
  return tag;
}
