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
  /** Its lists hold beside those of the files. */
  readonly registry: RegistryLists | undefined;
  readonly logger: Logger;
  onReload(outcome: 'loaded' | 'failed'): void;
}

/**
 * Reads all files and the lists of the registry, and each again when it changes. What cannot be used later on changes
 * nothing: what was said last stays in force.
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
  /** Of each file, and then of the registry. */
  const parts = await Promise.all([
    ...sources.map(({ path, named, source }) => naming(path, async () => named(await source.read()))),
    ...(registry ? [naming(registry.description, () => registry.read())] : []),
  ]);
  let current = new OperationLists(parts.flat());
  if (current.size === 0) {
    logger.warn({ registry: registry?.description }, 'there is no operation on any list yet');
  }

  /** @throws when what is new does not go with the rest, which then stays as it was */
  function change(index: number, part: readonly NamedList[]): void {
    const next = parts.with(index, part);
    current = new OperationLists(next.flat());
    parts[index] = part;
    onReload('loaded');
    logger.info({ source: descriptions[index], operations: current.size }, 'operations were listed anew');
  }

  const descriptions = [
    ...files.map((file) => (typeof file === 'string' ? file : file.path)),
    registry?.description,
  ];
  for (const [index, { path, named, source }] of sources.entries()) {
    source.watch?.(
      async (text) => change(index, named(text)),
      (error) => {
        onReload('failed');
        logger.error({ err: error, file: path }, 'a list of operations cannot be used; the last one stays');
      },
    );
  }
  registry?.watch(
    (lists) => change(sources.length, lists),
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
