import type { IncomingHttpHeaders } from 'node:http';
import { CodedError, type ErrorCodeName } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import type { RegistryConfig } from '../supergraph/registry/registryConfig.js';
import { clientOf } from '../usage/clientOf.js';
import { createAutomaticOperations, type OperationStore } from './automaticOperations.js';
import { createUnlistedLog } from './createUnlistedLog.js';
import { openRegistryLists } from './openRegistryLists.js';
import type { PersistedConfig } from './persistedConfig.js';
import { hashOf, idOf, type SentOperation, textOf } from './sentOperation.js';
import { type WatchedLists, watchOperationLists } from './watchOperationLists.js';

export const VERDICTS = ['listed', 'unlisted', 'unknownId', 'idRequired'] as const;
export type VerdictName = (typeof VERDICTS)[number];

/** What comes of one sent operation. */
export interface Verdict {
  /** `undefined` where no list has a say. */
  readonly name: VerdictName | undefined;
  /** What is to be run; `undefined` when nothing was found, or it may not be. */
  readonly text: string | undefined;
  /** Whether an id was looked up. What was sent as text may still be there to be registered. */
  readonly byId: boolean;
  readonly refusal: ErrorCodeName | undefined;
}

export interface PersistedOperations {
  /** Changes with everything that decides what may be asked, and what an id stands for; part of the keys of kept answers. */
  readonly version: string;
  /** Lower-case names of the headers that decide as well. */
  readonly headers: readonly string[];
  /** Where operations may be registered; `undefined` where none may. */
  readonly registered: OperationStore | undefined;
  /** Looks, and tells nobody. Costs a look-up. */
  judge(sent: SentOperation, headers: IncomingHttpHeaders): Verdict;
  /** Counts and logs what is about to be run or refused. */
  note(verdict: Verdict, headers: IncomingHttpHeaders): void;
  /**
   * Both, and refuses what may not be run.
   * @throws CodedError
   */
  settle(sent: SentOperation, headers: IncomingHttpHeaders): Verdict;
  /**
   * Keeps the text of a valid operation that was sent with its hash, where operations may be registered. For what does not
   * go through Apollo Server, which does so itself.
   * @param hash the SHA-256 of the text, in hex
   */
  register(sent: SentOperation, hash: string): void;
  close(): Promise<void>;
}

export interface PersistedOperationsOptions {
  readonly config: PersistedConfig;
  /** Whose lists hold where the configuration says so. */
  readonly registry?: RegistryConfig;
  readonly logger: Logger;
  count(verdict: VerdictName): void;
  onReload(outcome: 'loaded' | 'failed'): void;
}

const CLIENT_NAME_HEADERS = ['apollographql-client-name', 'graphql-client-name'];

/** Operations that run by their id: those on lists, and those that clients have registered where they may. */
export async function createPersistedOperations(
  options: PersistedOperationsOptions,
): Promise<PersistedOperations> {
  const { config, logger, count, onReload } = options;
  const { mode, automatic, files } = config;
  const mustBeListed = mode === 'require_listed' || mode === 'require_id';
  const lists: WatchedLists | undefined =
    mode === 'off'
      ? undefined
      : await watchOperationLists({
          config,
          registry: openRegistryLists(config.registry, options.registry, logger),
          logger,
          onReload,
        });
  const registered =
    mustBeListed || !automatic.enabled ? undefined : createAutomaticOperations(automatic.maxBytes);
  const logUnlisted = createUnlistedLog(logger);

  function judgeText(text: string, client: string): Verdict {
    if (lists === undefined) return { name: undefined, text, byId: false, refusal: undefined };
    if (mode === 'require_id') return refused('idRequired', 'OPERATION_ID_REQUIRED');
    if (lists.current.lists(text, client)) return { name: 'listed', text, byId: false, refusal: undefined };
    if (mode === 'require_listed') return refused('unlisted', 'OPERATION_NOT_LISTED');
    return { name: 'unlisted', text, byId: false, refusal: undefined };
  }

  function judgeId(sent: SentOperation, id: string, client: string): Verdict {
    const listed = lists?.current.find(id, client);
    if (listed !== undefined) return { name: 'listed', text: listed, byId: true, refusal: undefined };
    const hash = hashOf(sent);
    const text = hash === undefined ? undefined : registered?.find(hash);
    if (text !== undefined) return { ...judgeText(text, client), byId: true };
    // One by whom nothing can be registered is told the same as one whose id is on no list.
    const isFinal = lists !== undefined && (mustBeListed || hash === undefined);
    const name = lists === undefined ? undefined : 'unknownId';
    const refusal = isFinal ? 'PERSISTED_QUERY_NOT_FOUND' : undefined;
    return { name, text: undefined, byId: true, refusal };
  }

  function judge(sent: SentOperation, headers: IncomingHttpHeaders): Verdict {
    const client = lists === undefined ? '' : clientOf(headers).name;
    const text = textOf(sent);
    if (text !== undefined) return judgeText(text, client);
    const id = idOf(sent);
    return id === undefined ? NOTHING : judgeId(sent, id, client);
  }

  function note({ name, text }: Verdict, headers: IncomingHttpHeaders): void {
    if (name === undefined) return;
    count(name);
    if (name === 'unlisted' && text !== undefined) logUnlisted(text, clientOf(headers).name);
  }

  return {
    get version() {
      return lists === undefined ? '' : `${mode}:${lists.current.version}`;
    },
    headers:
      lists !== undefined && (config.registry.enabled || files.some((file) => typeof file !== 'string'))
        ? CLIENT_NAME_HEADERS
        : [],
    registered: registered?.store,
    judge,
    note,
    settle(sent, headers) {
      const verdict = judge(sent, headers);
      note(verdict, headers);
      const { refusal } = verdict;
      if (refusal !== undefined) throw new CodedError(refusal, MESSAGES[refusal] ?? refusal);
      return verdict;
    },
    register(sent, hash) {
      const text = textOf(sent);
      if (text !== undefined && hashOf(sent) === hash) registered?.keep(hash, text);
    },
    async close() {
      await lists?.close();
    },
  };
}

const NOTHING: Verdict = { name: undefined, text: undefined, byId: false, refusal: undefined };

function refused(name: VerdictName, refusal: ErrorCodeName): Verdict {
  return { name, text: undefined, byId: false, refusal };
}

const MESSAGES: Partial<Record<ErrorCodeName, string>> = {
  OPERATION_ID_REQUIRED: 'Operations are run by their id here, not by their text.',
  OPERATION_NOT_LISTED: 'This operation is not on the list of those that may be run.',
  PERSISTED_QUERY_NOT_FOUND: 'PersistedQueryNotFound',
};
