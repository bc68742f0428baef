import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SchemaWorker } from '../../../schema/work/schemaWorker.js';
import {
  productsSchema,
  type RegistryTester,
  startTestRegistry,
  startTestWorker,
  TOKENS,
} from '../../../test/support/registryTester.js';
import { runApprove } from './approve.js';
import { runCheck } from './check.js';
import { runDiff } from './diff.js';
import { runHistory } from './history.js';
import { runPublish } from './publish.js';
import type { CommandIo, RegistryOptions } from './registryClient.js';
import { runRemove } from './remove.js';
import { runRollback } from './rollback.js';

let worker: SchemaWorker;
let registry: RegistryTester;
let folder: string;
beforeAll(() => {
  worker = startTestWorker();
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-schema-'));
});
afterAll(async () => {
  await worker.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  registry = await startTestRegistry({ worker, clock: () => new Date('2026-03-10T12:00:00Z') });
});
afterEach(() => registry[Symbol.asyncDispose]());

function file(text: string): string {
  const name = path.join(folder, 'schema.graphql');
  writeFileSync(name, text);
  return name;
}

/** Runs a command, and gives what it printed and how it ended. */
async function run(
  command: (options: RegistryOptions, io: CommandIo) => Promise<void>,
  options: RegistryOptions = {},
  env: Record<string, string> = {},
) {
  let out = '';
  const io: CommandIo = {
    write: (text) => {
      out += text;
    },
    env: { HEADGATE_REGISTRY_URL: registry.url, HEADGATE_SCHEMA_TOKEN: TOKENS.products, ...env },
  };
  const error = await command(options, io).then(
    () => undefined,
    (reason: Error & { exitCode?: number }) => reason,
  );
  return { out, exitCode: error ? (error.exitCode ?? error.name) : 0, message: error?.message };
}

const publish = (schema: string, options: RegistryOptions = {}, env = {}) =>
  run(
    (common, io) =>
      runPublish(
        { ...common, subgraph: 'products', url: 'http://products/graphql', schema: file(schema) },
        io,
      ),
    options,
    env,
  );
const check = (schema: string, options: RegistryOptions = {}) =>
  run(
    (common, io) => runCheck({ ...common, subgraph: 'products', context: 'PR-7', schema: file(schema) }, io),
    options,
  );

describe('headgate schema', () => {
  it('publishes, says what clients see, and says when nothing changed', async () => {
    expect(await publish(productsSchema('price: Int'))).toEqual({
      out: 'products was published; gateways now get v1\n',
      exitCode: 0,
      message: undefined,
    });
    expect((await publish(productsSchema('weight: Int'))).out).toBe(
      `products was published; gateways now get v2
  breaking  Field 'price' was removed from object type 'Product'
  safe      Field 'weight' was added to object type 'Product'
`,
    );
    expect((await publish(productsSchema('weight: Int'))).out).toBe('v2 is that already: nothing changed\n');
  });

  it('says that there is nothing to remove under a name that nobody has', async () => {
    const remove = () =>
      run(
        (common, io) => runRemove({ ...common, subgraph: 'prodcts' }, io),
        {},
        {
          HEADGATE_SCHEMA_TOKEN: TOKENS.admin,
        },
      );
    expect(await remove()).toMatchObject({
      out: 'there is no subgraph prodcts: nothing changed\n',
      exitCode: 0,
    });
    await publish(productsSchema());
    expect((await remove()).out).toBe('there is no subgraph prodcts: nothing changed\n');
  });

  it('exits with 5 for a schema that does not compose, in words and as JSON', async () => {
    const refused = await publish('type Query { a: Missing }');
    expect(refused).toMatchObject({ out: '', exitCode: 5 });
    expect(refused.message).toMatch(
      /^products was not published, and nothing changed \(recorded as v1\):\n {2}\w+: .*Missing/,
    );
    const { out, exitCode } = await publish('type Query { a: Missing }', { json: true });
    expect(exitCode).toBe(5);
    expect(JSON.parse(out)).toEqual({
      outcome: 'refused',
      version: 2,
      faults: [expect.stringContaining('Missing')],
    });
  });

  it('checks, approves, and then passes', async () => {
    await publish(productsSchema('price: Int'));
    const failed = await check(productsSchema());
    expect(failed).toMatchObject({ exitCode: 5, message: 'the check of products in PR-7 failed' });
    expect(failed.out).toMatch(
      /^products in PR-7, against v1: failed\n\nno gateway has reported usage in the last 14 days/,
    );
    const [, change = ''] = /breaking +Field 'price' was removed .*\[([0-9a-f]{12})\]/.exec(failed.out) ?? [];
    const approved = await run((common, io) =>
      runApprove(
        { ...common, subgraph: 'products', context: 'PR-7', change, reason: 'nobody sells', expires: 2 },
        io,
      ),
    );
    expect(approved.out).toBe(`${change} of products is approved in PR-7 until 2026-03-12T12:00:00.000Z\n`);
    const passed = await check(productsSchema());
    expect(passed.exitCode).toBe(0);
    expect(passed.out).toContain('approved by team-products until 2026-03-12T12:00:00.000Z: nobody sells');
    const json = await check(productsSchema(), { json: true });
    expect(JSON.parse(json.out)).toMatchObject({
      outcome: 'passed',
      changes: [{ verdict: 'approved', id: change }],
    });
  });

  it('shows history and differences, and rolls back', async () => {
    await publish(productsSchema('price: Int'));
    await publish(productsSchema());
    await publish('type Query { a: Missing }');
    const history = async () => (await run((common, io) => runHistory({ ...common, limit: 10 }, io))).out;
    expect((await history()).split('\n')).toEqual([
      expect.stringMatching(
        /^v3 {2}2026-03-10T12:00:00.000Z {2}team-products {2}products: refused, .*Missing/,
      ),
      'v2  2026-03-10T12:00:00.000Z  team-products  products: 1 breaking, 0 dangerous, 0 safe  <- served',
      'v1  2026-03-10T12:00:00.000Z  team-products  products: 0 breaking, 0 dangerous, 0 safe',
      '',
    ]);
    expect((await run((common, io) => runDiff('v2', '1', common, io))).out).toBe(
      "subgraph products: changed\n  safe      Field 'price' was added to object type 'Product'\n",
    );
    const back = (env = {}) => run((common, io) => runRollback({ ...common, to: 'v1' }, io), {}, env);
    expect((await back()).exitCode).toBe(3);
    expect((await back({ HEADGATE_SCHEMA_TOKEN: TOKENS.admin })).exitCode).toBe(0);
    expect(await history()).toMatch(/^v1 .*<- served$/m);
  });

  it('shows a message in one line of the history, whatever stands in it', async () => {
    const message = 'fix\nv9  forged <- served';
    await run((common, io) =>
      runPublish(
        { ...common, subgraph: 'products', url: 'http://products', schema: file(productsSchema()), message },
        io,
      ),
    );
    const { out } = await run((common, io) => runHistory({ ...common, limit: 10 }, io));
    expect(out.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/"fix\\nv9 {2}forged <- served" {2}<- served$/),
    ]);
  });

  it('says by its exit code what is wrong', async () => {
    const nowhere = { HEADGATE_REGISTRY_URL: 'http://127.0.0.1:1' };
    expect(await publish(productsSchema(), {}, nowhere)).toMatchObject({ exitCode: 4 });
    expect(await publish(productsSchema(), { token: 'unknown-to-all' })).toMatchObject({ exitCode: 3 });
    expect(await publish(productsSchema(), { token: TOKENS.reviews })).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('the subgraph products does not belong to "team-reviews"'),
    });
    expect(await run((common, io) => runDiff('v1', 'v2', common, io))).toMatchObject({ exitCode: 2 });
    expect(await run((common, io) => runDiff('first', 'v2', common, io))).toMatchObject({
      exitCode: 'UsageError',
      message: 'first: expected a version such as v41',
    });
    const missing = await run((common, io) =>
      runCheck({ ...common, subgraph: 'products', context: 'PR-7', schema: '/nowhere.graphql' }, io),
    );
    expect(missing).toMatchObject({ exitCode: 'UsageError', message: expect.stringContaining('ENOENT') });
  });
});
