import type { Logger } from '../../platform/logger.js';
import { createPollingSource } from '../supergraph/pollingSource.js';
import { OperationLists } from './operationLists.js';
import type { PersistedConfig } from './persistedConfig.js';
import { type OperationList, readOperationList } from './readOperationList.js';

export interface WatchedLists {
  readonly current: OperationLists;
  close(): void;
}

export interface WatchOptions {
  readonly config: Pick<PersistedConfig, 'files' | 'pollMs'>;
  readonly logger: Logger;
  onReload(outcome: 'loaded' | 'failed'): void;
}

/**
 * Reads all files, and each again when it changes. One that cannot be used later on changes nothing: what it said last
 * stays in force.
 *
 * @throws Error that names the file that cannot be used at the start
 */
export async function watchOperationLists(options: WatchOptions): Promise<WatchedLists> {
  const { logger, onReload } = options;
  const { files, pollMs } = options.config;
  const sources = files.map((file) => {
    const { path, client } = typeof file === 'string' ? { path: file, client: undefined } : file;
    return { path, client, source: createPollingSource(path, pollMs) };
  });
  const lists = await Promise.all(
    sources.map(async ({ path, source }) => naming(path, async () => readOperationList(await source.read()))),
  );
  const together = (): OperationLists =>
    new OperationLists(sources.map(({ client }, index) => ({ client, list: lists[index] as OperationList })));
  let current = together();

  for (const [index, { path, source }] of sources.entries()) {
    source.watch?.(
      async (text) => {
        const before = lists[index] as OperationList;
        try {
          lists[index] = readOperationList(text);
          current = together();
        } catch (error) {
          lists[index] = before;
          throw error;
        }
        onReload('loaded');
        logger.info({ file: path, operations: current.size }, 'a list of operations was read again');
      },
      (error) => {
        onReload('failed');
        logger.error({ err: error, file: path }, 'a list of operations cannot be used; the last one stays');
      },
    );
  }
  return {
    get current() {
      return current;
    },
    close() {
      for (const { source } of sources) source.close?.();
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
