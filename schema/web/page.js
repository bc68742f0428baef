// The page of the registry. No framework and no build: four tables and a few requests to the server that it came from.

const view = document.getElementById('view');
const problem = document.getElementById('problem');
const signIn = document.getElementById('sign-in');

/** An element with its children; texts go in as texts, whoever wrote them. */
function element(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.filter((child) => child !== undefined));
  return node;
}

const text = (content, className) => element('span', className ? { class: className } : {}, content);
const when = (iso) => element('time', { datetime: iso }, new Date(iso).toLocaleString());

function table(caption, heads, rows) {
  const cells = (row) =>
    row.map((cell) => element('td', typeof cell === 'number' ? { class: 'number' } : {}, cellContent(cell)));
  return element(
    'div',
    { class: 'wide' },
    element(
      'table',
      { 'aria-label': caption },
      element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))),
      element('tbody', {}, ...rows.map((row) => element('tr', {}, ...cells(row)))),
    ),
  );
}

const cellContent = (cell) => (typeof cell === 'number' ? cell.toLocaleString() : cell);

class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function ask(path) {
  const token = sessionStorage.getItem('token');
  const response = await fetch(path, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  const body = isJson ? await response.json() : await response.text();
  if (response.ok) return body;
  const error = body.errors?.[0];
  throw new Refused(response.status, error?.extensions.code, error?.message ?? `status ${response.status}`);
}

const heading = (content) => element('h2', {}, content);

/** Shows a text when it is asked for: schemas are long. */
function unfold(summary, load) {
  const details = element('details', {}, element('summary', {}, summary));
  details.addEventListener('toggle', async () => {
    if (details.open && details.childElementCount === 1) details.append(await load());
  });
  return details;
}

const schemaText = (path) => async () => element('pre', { tabindex: '0' }, await ask(path));

async function showGraph() {
  const graph = await ask('v1/graph');
  const rows = graph.subgraphs.map(({ name, url, owners, publishedBy, publishedAt }) => [
    unfold(name, schemaText(`v1/schema?subgraph=${encodeURIComponent(name)}`)),
    url,
    owners.join(', ') || text('nobody but administrators', 'quiet'),
    publishedBy,
    when(publishedAt),
  ]);
  return [
    heading(`Gateways get v${graph.number}`),
    element('p', { class: 'quiet' }, `SHA-256 ${graph.supergraph}`),
    table('Subgraphs', ['Subgraph', 'Address', 'Owners', 'Published by', 'At'], rows),
    ...graph.hints.map((hint) => element('p', { class: 'dangerous' }, hint)),
    unfold('What clients see', schemaText('v1/schema')),
  ];
}

async function showVersions() {
  const { serving, versions } = await ask('v1/versions?limit=100');
  const rows = versions.map((version, index) => [
    element('span', {}, `v${version.number} `, version.number === serving ? text('served', 'served') : ''),
    when(version.at),
    version.by,
    [...version.published, ...(version.removed ?? []).map((name) => `without ${name}`)].join(', '),
    version.outcome === 'refused'
      ? text(`refused: ${version.faults.join(' ')}`, 'refused')
      : changesSince(version, versions.slice(index + 1)),
    version.message ?? '',
  ]);
  return [
    heading('Versions'),
    table('Versions', ['Version', 'At', 'By', 'Subgraphs', 'What clients saw change', 'Message'], rows),
  ];
}

/** @param older versions before it, the newest first */
function changesSince({ number, changes }, older) {
  const summary = `${changes.breaking} breaking, ${changes.dangerous} dangerous, ${changes.safe} safe`;
  const base = older.find(({ outcome }) => outcome === 'composed');
  if (base === undefined) return summary;
  return unfold(summary, async () => {
    const diff = await ask(`v1/diff?from=${base.number}&to=${number}`);
    const items = diff.changes.map(({ severity, message }) =>
      element('li', { class: severity }, `${severity}: ${message}`),
    );
    return element(
      'div',
      {},
      element('p', { class: 'quiet' }, `against v${base.number}`),
      items.length ? element('ul', {}, ...items) : 'clients see no difference',
    );
  });
}

async function showChecks() {
  const checks = await ask('v1/checks?limit=50');
  const rows = checks.map((check) => [
    text(check.outcome, check.outcome),
    check.subgraph,
    check.context,
    check.by,
    when(check.at),
    check.faults.length + check.changes.length + check.operations.length + check.lint.length > 0
      ? unfold(findingsOf(check), async () => findings(check))
      : 'no difference',
  ]);
  return [
    heading('Checks'),
    checks.length === 0
      ? element('p', { class: 'quiet' }, 'There were none in the last 90 days.')
      : table('Checks', ['Outcome', 'Subgraph', 'Context', 'By', 'At', 'Findings'], rows),
  ];
}

function findingsOf({ faults, changes, lint }) {
  if (faults.length > 0) return 'does not compose';
  const breaking = changes.filter(({ verdict }) => verdict === 'breaking').length;
  return `${breaking} breaking of ${changes.length} changes, ${lint.length} lint findings`;
}

function findings({ faults, changes, operations, hints, lint }) {
  return element(
    'ul',
    {},
    ...faults.map((fault) => element('li', { class: 'failed' }, fault)),
    ...changes.map(({ verdict, message, count, hits }) =>
      element(
        'li',
        {},
        text(verdict, verdict),
        ` ${message}`,
        count > 0 ? text(` (${count.toLocaleString()} executions: ${clientsOf(hits)})`, 'quiet') : '',
      ),
    ),
    ...operations.map(({ name, id, approved, errors }) =>
      element(
        'li',
        { class: 'failed' },
        `${name ?? id.slice(0, 12)} does not fit any more${approved ? ' (approved)' : ''}: ${errors.join(' ')}`,
      ),
    ),
    ...hints.map((hint) => element('li', {}, `hint: ${hint}`)),
    ...lint.map(({ line, message, rule }) => element('li', {}, `lint: line ${line}: ${message} (${rule})`)),
  );
}

function clientsOf(hits) {
  return [...new Set(hits.map(({ client }) => `${client.name} ${client.version}`.trim() || 'unnamed'))].join(
    ', ',
  );
}

async function showUsage() {
  const { days, known, dropped, fields } = await ask('v1/usage/fields');
  if (!known) {
    return [heading('Usage'), element('p', {}, `No gateway has reported anything in the last ${days} days.`)];
  }
  const row = ({ coordinate, count, deprecated }) => [
    coordinate,
    count,
    deprecated === null ? '' : text(`deprecated: ${deprecated}`, 'dangerous'),
  ];
  const idle = fields.filter(({ deprecated, count }) => deprecated !== null && count === 0);
  return [
    heading('Deprecated, and used by nobody'),
    idle.length === 0
      ? element('p', { class: 'quiet' }, 'There is nothing of the kind.')
      : table('Deprecated, and used by nobody', ['Field', 'Executions', ''], idle.map(row)),
    heading(`Executions in the last ${days} days`),
    dropped > 0
      ? element(
          'p',
          { class: 'dangerous' },
          `Gateways could not keep ${dropped.toLocaleString()} executions: they are missing here.`,
        )
      : '',
    table('Usage', ['Field', 'Executions', ''], fields.map(row)),
  ];
}

const VIEWS = { graph: showGraph, versions: showVersions, checks: showChecks, usage: showUsage };

/** Counts what was asked for, so that a late answer never covers a newer one. */
let turn = 0;

async function show() {
  turn += 1;
  const mine = turn;
  const name = location.hash.slice(1) in VIEWS ? location.hash.slice(1) : 'graph';
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#${name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  view.setAttribute('aria-busy', 'true');
  problem.hidden = true;
  let content = [];
  try {
    content = await VIEWS[name]();
  } catch (error) {
    if (mine !== turn) return;
    signIn.hidden = error.status !== 401;
    if (error.code === 'NOTHING_PUBLISHED') content = [element('p', {}, 'Nothing was published yet.')];
    else if (error.status !== 401 || sessionStorage.getItem('token')) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  }
  if (mine !== turn) return;
  view.replaceChildren(...content);
  view.setAttribute('aria-busy', 'false');
}

signIn.addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem('token', document.getElementById('token').value.trim());
  signIn.hidden = true;
  show();
});
addEventListener('hashchange', show);
show();
