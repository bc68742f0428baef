import { z } from 'zod';
import type { Logger } from '../../platform/logger.js';
import { Backoff } from '../cache/feed/backoff.js';
import { keepFile, readKeptFile, signedFields } from '../supergraph/registry/keptFile.js';
import { longPolls } from '../supergraph/registry/longPolls.js';
import { parsePublicKeys } from '../supergraph/registry/publicKeys.js';
import type { RegistryClient } from '../supergraph/registry/registryClient.js';
import { RegistryProblem } from '../supergraph/registry/registryProblem.js';
import { checkSignedLists, type SignedLists } from '../supergraph/registry/signedSupergraph.js';
import type { NamedList } from './operationLists.js';

export interface RegistryLists {
  /** For logs and errors. */
  readonly description: string;
  /** What the registry says, or else what it said last. @throws when there is neither */
  read(): Promise<readonly NamedList[]>;
  /**
   * Calls back with each change and with each failure, until `close`.
   * @param onChange throws when the lists cannot be used: then they are not kept either
   */
  watch(onChange: (lists: readonly NamedList[]) => void, onFailure: (error: unknown) => void): void;
  close(): Promise<void>;
}

export interface RegistryListsOptions {
  /** `undefined` where the registry is not to be asked: what is kept holds. */
  readonly client: RegistryClient | undefined;
  readonly publicKey: string;
  readonly cacheFile: string;
  readonly waitSeconds: number;
  readonly logger: Logger;
  /** How long to wait after a failure. */
  readonly backoff?: Backoff;
  /** A registry that answers at once that nothing is new is not asked more often than that. @default 1000 */
  readonly minIntervalMs?: number;
}

const fileSchema = z.object({ ...signedFields, lists: z.string() });
const listsSchema = z.object({
  lists: z.array(
    z.object({ client: z.string().nullable(), operations: z.array(z.tuple([z.string(), z.string()])) }),
  ),
});

/** The lists of operations of a schema registry, followed by long polls as the supergraph is, and kept on disk. */
export function createRegistryLists(options: RegistryListsOptions): RegistryLists {
  const { client, cacheFile, waitSeconds, logger, backoff = new Backoff(), minIntervalMs = 1_000 } = options;
  const keys = parsePublicKeys(options.publicKey);
  const closing = new AbortController();
  let newest: SignedLists | undefined;
  let kept: SignedLists | undefined;
  let problem: string | undefined;
  let writing: Promise<void> = Promise.resolve();

  /** @returns `undefined` when nothing is new */
  async function ask(from: RegistryClient, wait: number): Promise<SignedLists | undefined> {
    const known = newest?.sha256;
    const answer = await from.operationLists({ known, waitSeconds: wait, signal: closing.signal });
    backoff.succeeded();
    if (answer === undefined) return undefined;
    const seen = Math.max(newest?.revision ?? 0, kept?.revision ?? 0);
    // What was taken off a list once must not come back by an old answer, however rightly signed.
    if (answer.revision < seen) {
      throw new RegistryProblem('outdated', `the lists are of revision ${answer.revision}, after ${seen}`);
    }
    newest = answer;
    return answer;
  }

  async function readKept(): Promise<void> {
    try {
      const found = await readKeptFile(cacheFile, fileSchema);
      if (found !== undefined) checkSignedLists(found, keys);
      kept = found;
    } catch (err) {
      logger.warn({ err, file: cacheFile }, 'the lists of operations that were kept on disk are not used');
    }
  }

  function keep(signed: SignedLists): void {
    const { version, revision, sha256, signature, lists } = signed;
    writing = writing
      .then(() => keepFile(cacheFile, { version, revision, sha256, signature, lists }))
      .catch((err: unknown) => {
        logger.warn({ err, file: cacheFile }, 'the lists of operations cannot be kept on disk');
      });
  }

  /** Said once, however often it is met. */
  function failed(error: unknown, onFailure: (error: unknown) => void): void {
    const kind = error instanceof RegistryProblem ? error.kind : 'unservable';
    onFailure(error);
    if (kind === problem) return;
    problem = kind;
    logger.error(
      { err: error, registry: client?.url, problem: kind },
      'the lists of operations of the registry cannot be followed; the last ones stay',
    );
  }

  function solved(): void {
    if (problem !== undefined) logger.info({ was: problem }, 'the lists of operations are followed again');
    problem = undefined;
  }

  async function poll(
    from: RegistryClient,
    onChange: (lists: readonly NamedList[]) => void,
    onFailure: (error: unknown) => void,
  ): Promise<boolean> {
    try {
      const changed = await ask(from, waitSeconds);
      if (closing.signal.aborted) return false;
      if (changed === undefined) {
        // One that was refused stays the newest, until there is another.
        if (problem !== 'unservable' && problem !== 'garbage') solved();
        return false;
      }
      onChange(parse(changed));
      keep(changed);
      solved();
      return true;
    } catch (error) {
      if (!closing.signal.aborted) failed(error, onFailure);
      throw error;
    }
  }

  return {
    description: client?.url ?? cacheFile,
    async read() {
      await readKept();
      try {
        if (client === undefined) throw new Error('the registry is not to be asked');
        const answer = (await ask(client, 0)) ?? (newest as SignedLists);
        const lists = parse(answer);
        keep(answer);
        return lists;
      } catch (err) {
        if (kept === undefined) throw err;
        logger.warn({ err, file: cacheFile }, 'starting with the lists of operations that were kept on disk');
        return parse(kept);
      }
    },
    watch(onChange, onFailure) {
      newest ??= kept;
      if (client === undefined) return;
      const asks = () => poll(client, onChange, onFailure);
      void longPolls({ backoff, minIntervalMs, signal: closing.signal, poll: asks });
    },
    async close() {
      closing.abort();
      await writing;
    },
  };
}

/** @throws RegistryProblem */
function parse({ lists, version }: SignedLists): readonly NamedList[] {
  let value: unknown;
  try {
    value = JSON.parse(lists);
  } catch {
    value = undefined;
  }
  const parsed = listsSchema.safeParse(value);
  if (!parsed.success) {
    throw new RegistryProblem('garbage', `change ${version} of the lists of operations is none`);
  }
  return parsed.data.lists.map(({ client, operations }) => ({
    client: client ?? undefined,
    list: new Map(operations),
  }));
}
