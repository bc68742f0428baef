/** The rows of the first table under a heading, each as its cells by the titles of their columns. */
export function tableUnder(page: string, heading: string): Record<string, string>[] {
  const lines = page.split('\n');
  const at = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (at < 0) throw new Error(`there is no heading "${heading}"`);
  const section = lines.slice(at + 1);
  const end = section.findIndex((line) => /^#+ /.test(line));
  const [titles, _rule, ...rows] = (end < 0 ? section : section.slice(0, end))
    .filter((line) => line.startsWith('|'))
    .map(cellsOf);
  if (titles === undefined || rows.length === 0) throw new Error(`there is no table under "${heading}"`);
  return rows.map((cells) => Object.fromEntries(titles.map((title, index) => [title, cells[index] ?? ''])));
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}
