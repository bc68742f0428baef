import { createHash, type KeyObject, sign } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newKeys } from '../../test/support/fakeRegistry.js';
import { recordingLogger } from '../../test/support/recordingLogger.js';
import { until } from '../../test/support/until.js';
import { Backoff } from '../cache/feed/backoff.js';
import type { RegistryClient } from '../supergraph/registry/registryClient.js';
import { RegistryProblem } from '../supergraph/registry/registryProblem.js';
import { type SignedLists, signedText } from '../supergraph/registry/signedSupergraph.js';
import { createRegistryLists, type RegistryLists } from './registryLists.js';

const keys = newKeys();

function signed(id: string, revision: number, key: KeyObject = keys.privateKey): SignedLists {
  const lists = JSON.stringify({ lists: [{ client: 'web', operations: [[id, `{ ${id} }`]] }] });
  const sha256 = createHash('sha256').update(lists).digest('hex');
  const parts = { version: revision, revision, sha256 };
  const signature = sign(null, Buffer.from(signedText(parts, 'operations')), key).toString('base64');
  return { ...parts, signature, lists };
}

describe('the lists of operations of a registry', () => {
  let folder: string;
  let cacheFile: string;
  let opened: RegistryLists[];
  /** What the registry says: the answer to each question, then nothing new. */
  let answers: (SignedLists | RegistryProblem)[];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'headgate-'));
    cacheFile = path.join(folder, 'operations.json');
    opened = [];
    answers = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await rm(folder, { recursive: true });
  });

  function open(asked = true) {
    const { logger, lines } = recordingLogger();
    const operationLists: RegistryClient['operationLists'] = async () => {
      const next = answers.shift();
      if (next instanceof RegistryProblem) throw next;
      return next;
    };
    const lists = createRegistryLists({
      client: asked ? ({ url: 'http://registry', operationLists } as RegistryClient) : undefined,
      publicKey: keys.publicKey,
      cacheFile,
      waitSeconds: 1,
      logger,
      backoff: new Backoff({ minMs: 1, maxMs: 2 }),
      minIntervalMs: 1,
    });
    opened.push(lists);
    return { lists, lines };
  }
  const idsOf = (named: Awaited<ReturnType<RegistryLists['read']>>) =>
    named.flatMap(({ client, list }) => [...list.keys()].map((id) => `${client}:${id}`));

  /** Leaves on disk what a gateway had before. */
  async function serveOnce(revision = 5): Promise<void> {
    answers.push(signed('old', revision));
    const { lists } = open();
    await lists.read();
    await lists.close();
  }

  it('hold from the disk when the registry cannot be had, or is not to be asked', async () => {
    await serveOnce();
    answers.push(new RegistryProblem('unreachable', 'no'));
    expect(idsOf(await open().lists.read())).toEqual(['web:old']);
    expect(idsOf(await open(false).lists.read())).toEqual(['web:old']);
    await rm(cacheFile);
    answers.push(new RegistryProblem('unreachable', 'no'));
    await expect(open().lists.read()).rejects.toThrow('no');
    await expect(open(false).lists.read()).rejects.toThrow('not to be asked');
  });

  it('do not go back to older ones that somebody replays, neither at a start nor later', async () => {
    await serveOnce(5);
    answers.push(signed('replayed', 4));
    const { lists, lines } = open();
    expect(idsOf(await lists.read())).toEqual(['web:old']);
    const seen: string[][] = [];
    const problems: unknown[] = [];
    answers.push(signed('replayed', 4), signed('new', 6));
    lists.watch(
      (named) => seen.push(idsOf(named)),
      (error) => problems.push((error as RegistryProblem).kind),
    );
    await until('the newer ones are there', () => seen.length > 0);
    expect(seen).toEqual([['web:new']]);
    expect(problems).toEqual(['outdated']);
    expect(lines.map(({ msg }) => msg)).toContain('the lists of operations are followed again');
  });

  it('are not used from the disk when somebody else signed them, or changed them', async () => {
    await serveOnce();
    const kept = JSON.parse(await readFile(cacheFile, 'utf8')) as SignedLists;
    for (const forged of [
      signed('evil', 9, newKeys().privateKey),
      { ...kept, lists: kept.lists.replaceAll('old', 'evil') },
    ]) {
      await writeFile(cacheFile, JSON.stringify(forged));
      answers.push(new RegistryProblem('unreachable', 'no'));
      await expect(open().lists.read()).rejects.toThrow('no');
    }
  });

  it('that cannot be used are not kept, and asked for once', async () => {
    await serveOnce();
    const { lists } = open();
    answers.push(signed('old', 5));
    await lists.read();
    let refusals = 0;
    answers.push(signed('refused', 6));
    lists.watch(
      () => {
        throw new Error('they cannot be used');
      },
      () => refusals++,
    );
    await until('they were refused', () => refusals === 1);
    answers.push(new RegistryProblem('timeout', 'no'));
    await until('it was asked again', () => answers.length === 0 && refusals === 2);
    await lists.close();
    expect(await readFile(cacheFile, 'utf8')).toContain('old');
  });
});
