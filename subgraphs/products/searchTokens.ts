/** Longer prefixes are not stored; a longer word is found by itself only. */
const MAX_PREFIX_LENGTH = 15;
/** The most that a name and a SKU can have, unless their characters stand for several letters each, as ligatures do. */
const MAX_STORED_WORDS = 80;
/** Each further word narrows the result by less than it costs. */
const MAX_QUERY_WORDS = 8;

/** The words of a text, folded so that `Café` and `CAFE` are the same. */
function words(text: string): string[] {
  const folded = foldText(text);
  return [...new Set(folded.match(/[\p{L}\p{N}]{1,40}/gu) ?? [])];
}

/** Lower case, without accents. */
export function foldText(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** What a product is found by: each word of its name and SKU, and every beginning of one, so search works while typing. */
export function searchTokens(...texts: readonly string[]): string[] {
  const tokens = new Set<string>();
  for (const word of texts.flatMap(words).slice(0, MAX_STORED_WORDS)) {
    const characters = [...word];
    for (let length = 1; length <= Math.min(characters.length, MAX_PREFIX_LENGTH); length++) {
      tokens.add(characters.slice(0, length).join(''));
    }
    tokens.add(word);
  }
  return [...tokens];
}

/** What a searcher's text asks for, the longest word first: it is found least often. Empty when it has no letter or digit. */
export function queryTokens(text: string): string[] {
  return words(text)
    .sort((a, b) => b.length - a.length)
    .slice(0, MAX_QUERY_WORDS);
}
