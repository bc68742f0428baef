import type { Logger } from '../../platform/logger.js';
import { createPollingSource } from '../supergraph/pollingSource.js';
import { type NamedList, OperationLists } from './operationLists.js';
import type { PersistedConfig } from './persistedConfig.js';
import { readOperationList } from './readOperationList.js';
import type { RegistryLists } from './registryLists.js';

export interface WatchedLists {
  readonly current: OperationLists;
  close(): Promise<void>;
}

export interface WatchOptions {
  readonly config: Pick<PersistedConfig, 'files' | 'pollMs'>;
  /** Its lists hold beside those of the files, which go before them. */
  readonly registry: RegistryLists | undefined;
  readonly logger: Logger;
  onReload(outcome: 'loaded' | 'failed'): void;
}

interface Parts {
  /** Of each file. */
  readonly ofFiles: readonly (readonly NamedList[])[];
  readonly ofRegistry: readonly NamedList[];
}

/**
 * Reads all files and the lists of the registry, and each again when it changes. What cannot be used later on changes
 * nothing: what was said last stays in force. Of the registry, an id that means something else in a file is left out
 * by itself: who may publish for one client must not be able to hold up the lists of all others.
 *
 * @throws Error that names what cannot be used at the start
 */
export async function watchOperationLists(options: WatchOptions): Promise<WatchedLists> {
  const { registry, logger, onReload } = options;
  const { files, pollMs } = options.config;
  const sources = files.map((file) => {
    const { path, client } = typeof file === 'string' ? { path: file, client: undefined } : file;
    const named = (text: string): readonly NamedList[] => [{ client, list: readOperationList(text) }];
    return { path, named, source: createPollingSource(path, pollMs) };
  });
  const [ofFiles, ofRegistry] = await Promise.all([
    Promise.all(
      sources.map(({ path, named, source }) => naming(path, async () => named(await source.read()))),
    ),
    registry ? naming(registry.description, () => registry.read()) : [],
  ]);
  /** What is in force. */
  let parts: Parts = { ofFiles, ofRegistry };
  /** The last list that each file had: in force as well, unless it clashes with another. */
  const wanted = [...ofFiles];
  let current = load(parts);
  if (current.size === 0) {
    logger.warn({ registry: registry?.description }, 'there is no operation on any list yet');
  }

  function load(next: Parts): OperationLists {
    const lists = new OperationLists(next.ofFiles.flat(), next.ofRegistry);
    const { clashes } = lists;
    if (clashes.length > 0) {
      onReload('failed');
      logger.error(
        { registry: registry?.description, clashes: clashes.length, first: clashes.slice(0, 10) },
        'ids of the registry that mean something else in a file are left out',
      );
    }
    return lists;
  }

  /** @throws when what is new does not go together; then all stays as it was */
  function change(next: Parts, source: string | undefined): void {
    current = load(next);
    parts = next;
    if (current.clashes.length === 0) onReload('loaded');
    logger.info({ source, operations: current.size }, 'operations were listed anew');
  }

  function changeFile(index: number, path: string, part: readonly NamedList[]): void {
    wanted[index] = part;
    try {
      // A file that was refused may go with what this one says now.
      change({ ...parts, ofFiles: [...wanted] }, path);
    } catch {
      change({ ...parts, ofFiles: parts.ofFiles.with(index, part) }, path);
    }
  }

  for (const [index, { path, named, source }] of sources.entries()) {
    source.watch?.(
      async (text) => changeFile(index, path, named(text)),
      (error) => {
        onReload('failed');
        logger.error({ err: error, file: path }, 'a list of operations cannot be used; the last one stays');
      },
    );
  }
  registry?.watch(
    (lists) => change({ ...parts, ofRegistry: lists }, registry.description),
    () => onReload('failed'),
  );
  return {
    get current() {
      return current;
    },
    async close() {
      for (const { source } of sources) source.close?.();
      await registry?.close();
    },
  };
}

async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the list of operations ${path} cannot be used: ${reason}`, { cause });
  }
}
