/** Beyond this many bytes a result is shown shortened: the editor would be busy with it for seconds. */
export const LARGE_RESULT = 500_000;

const FIRST_OF_LIST = 10;
const FIRST_OF_OBJECT = 200;
const FIRST_OF_TEXT = 1_000;

/** The same value with its lists, objects and texts cut, and what was left out in words. */
export function shorten(value: unknown): unknown {
  if (typeof value === 'string') {
    if (value.length <= FIRST_OF_TEXT) return value;
    return `${value.slice(0, FIRST_OF_TEXT)}… and ${count(value.length - FIRST_OF_TEXT)} more characters`;
  }
  if (Array.isArray(value)) {
    const first = value.slice(0, FIRST_OF_LIST).map(shorten);
    const more = value.length - first.length;
    return more > 0 ? [...first, `… and ${count(more)} more`] : first;
  }
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const first = entries.slice(0, FIRST_OF_OBJECT).map(([key, inner]) => [key, shorten(inner)]);
  const more = entries.length - first.length;
  return Object.fromEntries(more > 0 ? [...first, ['…', `and ${count(more)} more`]] : first);
}

function count(number: number): string {
  return number.toLocaleString('en');
}
