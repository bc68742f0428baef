import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gatewayConfigSchema } from '../../../gateway/config.js';
import { startGateway } from '../../../gateway/startGateway.js';
import { createStaticSource } from '../../../gateway/supergraph/staticSource.js';
import { listen } from '../../../platform/http/httpServer.js';
import { readBody } from '../../../platform/http/readBody.js';
import { silentLogger } from '../../../platform/logger.js';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import { codeBlocks } from '../../support/codeBlocks.js';

const PAGE = 'docs/caching.md';
const REPOSITORY = join(__dirname, '../../..');

interface RunningSubgraph extends AsyncDisposable {
  readonly url: string;
}

/** The program in the documentation, as its own process. */
async function startDocumentedProgram(): Promise<RunningSubgraph> {
  // Below the repository, so that it finds the packages that it imports.
  const parent = join(REPOSITORY, 'node_modules/.cache');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'headgate-docs-'));
  const file = join(folder, 'notes.mjs');
  await writeFile(file, codeBlocks(PAGE, 'js')[0] ?? '');
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    exited.then(() => Promise.reject(new Error('the documented program ended'))),
  ])) as [Buffer];
  const [, port] = /listening on (\d+)/.exec(line.toString()) ?? [];
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startBefore(url: string, typeDefs: string) {
  const { supergraphSdl } = composeSupergraph([{ name: 'notes', url, typeDefs }]);
  const gateway = await startGateway({
    config: gatewayConfigSchema.parse({ port: 0, admin: { port: 0 } }),
    source: createStaticSource(supergraphSdl),
    logger: silentLogger(),
  });
  return {
    async ask(query: string, variables?: Record<string, unknown>) {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
      return { data, errors, cache: response.headers.get('x-cache') };
    },
    [Symbol.asyncDispose]: () => gateway.stop(),
  };
}

async function sdlOf(url: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  });
  return ((await response.json()) as { data: { _service: { sdl: string } } }).data._service.sdl;
}

const WRITE =
  'mutation ($id: ID!, $shelf: String!, $text: String!) { writeNote(id: $id, shelf: $shelf, text: $text) { id } }';

describe('the subgraph in the documentation', () => {
  it('is cached, and loses by a write what the write changed, and nothing else', async () => {
    await using subgraph = await startDocumentedProgram();
    await using gateway = await startBefore(subgraph.url, await sdlOf(subgraph.url));
    const queries = {
      first: '{ note(id: "n1") { text } }',
      missing: '{ note(id: "n2") { text } }',
      everywhere: '{ notes { id } }',
      onA: '{ notes(shelf: "a") { id } }',
      onB: '{ notes(shelf: "b") { id } }',
      onC: '{ notes(shelf: "c") { id } }',
    };
    const cacheOf = async () => {
      const entries = Object.entries(queries);
      const answers = await Promise.all(entries.map(([, query]) => gateway.ask(query)));
      expect(answers.every(({ errors }) => errors === undefined)).toBe(true);
      return Object.fromEntries(entries.map(([name], index) => [name, answers[index]?.cache]));
    };
    const HIT = 'hit; tier=memory';
    const MISS = 'miss; stored';
    await cacheOf();
    expect(new Set(Object.values(await cacheOf()))).toEqual(new Set([HIT]));

    await gateway.ask(WRITE, { id: 'n2', shelf: 'b', text: 'new' });
    expect(await cacheOf()).toEqual({
      ...{ first: HIT, missing: MISS, everywhere: MISS, onA: HIT, onB: MISS, onC: HIT },
    });

    await gateway.ask(WRITE, { id: 'n1', shelf: 'b', text: 'moved' });
    expect(await cacheOf()).toEqual({
      ...{ first: MISS, missing: HIT, everywhere: MISS, onA: MISS, onB: MISS, onC: HIT },
    });
    expect((await gateway.ask(queries.onB)).data).toEqual({ notes: [{ id: 'n1' }, { id: 'n2' }] });
  });
});

describe('the answers in the documentation for any language', () => {
  /** A server that knows nothing of GraphQL and plays the two answers back. */
  async function startPlayback() {
    const [read = '', write = ''] = codeBlocks(PAGE, 'http');
    let reads = 0;
    const server = await listen({
      port: 0,
      logger: silentLogger(),
      async handler(request, response) {
        const { query } = JSON.parse((await readBody(request, 100_000)).toString()) as { query: string };
        const isWrite = query.startsWith('mutation');
        if (!isWrite) reads += 1;
        const [head = '', ...rest] = (isWrite ? write : read).split('\n\n');
        for (const line of head.split('\n').slice(1)) {
          const [name = '', value = ''] = line.split(': ');
          response.setHeader(name, value);
        }
        // The gateway asks for the type and the keys as well, under names of its own.
        const added = [...query.matchAll(/(_hg\w*):(\w+)/g)].map(([, alias, field]) => [
          alias,
          field === '__typename' ? 'Note' : 'n1',
        ]);
        const body = JSON.parse(rest.join('\n\n')) as { data: Record<string, object> };
        for (const note of Object.values(body.data)) Object.assign(note, Object.fromEntries(added));
        response.end(JSON.stringify(body));
      },
    });
    return {
      url: `${server.url}/graphql`,
      reads: () => reads,
      [Symbol.asyncDispose]: () => server.close(),
    };
  }

  it('are all that it takes to be kept, and purged by a write', async () => {
    await using program = await startDocumentedProgram();
    await using playback = await startPlayback();
    await using gateway = await startBefore(playback.url, await sdlOf(program.url));
    const read = '{ note(id: "n1") { id text } }';
    expect((await gateway.ask(read)).data).toEqual({ note: { id: 'n1', text: 'first' } });
    expect((await gateway.ask(read)).cache).toBe('hit; tier=memory');
    expect(playback.reads()).toBe(1);
    const written = await gateway.ask(
      'mutation { writeNote(id: "n1", shelf: "a", text: "second") { id text } }',
    );
    expect(written.data).toEqual({ writeNote: { id: 'n1', text: 'second' } });
    await gateway.ask(read);
    expect(playback.reads()).toBe(2);
  });
});
