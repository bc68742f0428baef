import type { Logger } from '../../../platform/logger.js';
import { Backoff } from '../../cache/feed/backoff.js';
import type { SourceStatus, SupergraphSource } from '../supergraphSource.js';
import { keepSupergraph, readKeptSupergraph } from './keptSupergraph.js';
import { longPolls } from './longPolls.js';
import { readMostUsed } from './mostUsedOperations.js';
import { parsePublicKeys } from './publicKeys.js';
import type { RegistryClient } from './registryClient.js';
import type { RegistryConnection } from './registryConfig.js';
import { RegistryProblem, type RegistryProblemKind } from './registryProblem.js';
import { checkSignature, type SignedSupergraph } from './signedSupergraph.js';

export interface RegistrySourceOptions {
  readonly config: Pick<RegistryConnection, 'publicKey' | 'waitSeconds'> & {
    /** Without it, nothing is kept. */
    readonly cacheFile: string | undefined;
  };
  readonly client: RegistryClient;
  readonly logger: Logger;
  /** How long to wait after a failure. */
  readonly backoff?: Backoff;
  /** A registry that answers at once that nothing is new is not asked more often than that. @default 1000 */
  readonly minIntervalMs?: number;
}

/**
 * The supergraph of a schema registry, followed by long polls: a change is here as soon as it is there. Only what is
 * rightly signed is passed on. What is served is kept on disk, to start from when the registry cannot be had, or gives
 * nothing that can be served; until then, everything stays as it is, and the status says why.
 */
export function createRegistrySource(options: RegistrySourceOptions): SupergraphSource {
  const { client, logger, backoff = new Backoff(), minIntervalMs = 1_000 } = options;
  const { cacheFile, publicKey, waitSeconds } = options.config;
  const closing = new AbortController();
  const answers = new Map<SourceStatus['answers'][number]['outcome'], number>();
  let newest: SignedSupergraph | undefined;
  let kept: SignedSupergraph | undefined;
  /** What the registry gave, and nobody here could serve. */
  let unservable: { readonly signed: SignedSupergraph; readonly reason: RegistryProblem } | undefined;
  let served: SignedSupergraph | undefined;
  let from: SourceStatus['from'] = 'disk';
  let confirmedAt: number | undefined;
  let problem: { readonly kind: RegistryProblemKind; readonly since: number } | undefined;
  let hasAnswered = true;
  let writing: Promise<void> = Promise.resolve();

  async function ask(wait: number): Promise<SignedSupergraph | undefined> {
    try {
      const answer = await client.supergraph({
        known: newest?.sha256,
        waitSeconds: wait,
        signal: closing.signal,
      });
      if (answer !== undefined) checkNewer(answer);
      count(answer === undefined ? 'unchanged' : 'changed');
      backoff.succeeded();
      hasAnswered = true;
      confirmedAt = Date.now();
      if (answer !== undefined) newest = answer;
      if (newest?.sha256 === served?.sha256 && newest !== undefined) solved();
      // It may have been away meanwhile; that is over, and this is not.
      else if (newest !== undefined && newest === unservable?.signed) say(unservable.reason);
      return answer;
    } catch (error) {
      hasAnswered = false;
      if (!closing.signal.aborted) failed(error);
      throw error;
    }
  }

  /** What was right once stays rightly signed: without this, who kept it could bring back a graph that was mended since. */
  function checkNewer({ version, revision }: SignedSupergraph): void {
    const seen = Math.max(newest?.revision ?? 0, kept?.revision ?? 0);
    if (revision >= seen) return;
    throw new RegistryProblem(
      'outdated',
      `version ${version} is of revision ${revision}, and revision ${seen} was here already`,
    );
  }

  async function readFile(): Promise<void> {
    if (cacheFile === undefined || kept !== undefined) return;
    try {
      const found = await readKeptSupergraph(cacheFile);
      if (found !== undefined) checkSignature(found, parsePublicKeys(publicKey));
      kept = found;
    } catch (err) {
      logger.warn({ err, file: cacheFile }, 'what was kept on disk is not used');
    }
  }

  function failed(error: unknown): void {
    count(kindOf(error));
    say(error);
  }

  function say(error: unknown): void {
    const kind = kindOf(error);
    // Said once, however often it is met: a registry that is down all night must not fill the log.
    if (problem?.kind === kind) return;
    problem = { kind, since: Date.now() };
    logger.warn(
      { err: error, registry: client.url, problem: kind, servedVersion: served?.version },
      'the registry cannot be followed: what is served stays as it is',
    );
  }

  /** The registry says that what is served is what is current. */
  function solved(): void {
    served = newest;
    from = 'registry';
    if (problem === undefined) return;
    logger.info(
      { registry: client.url, was: problem.kind, version: served?.version },
      'the registry is followed again',
    );
    problem = undefined;
  }

  function count(outcome: SourceStatus['answers'][number]['outcome']): void {
    answers.set(outcome, (answers.get(outcome) ?? 0) + 1);
  }

  async function poll(onChange: (supergraphSdl: string) => void | Promise<void>): Promise<boolean> {
    // That it is back is known by an answer: one that waits for a change first would come half a minute later.
    const changed = await ask(hasAnswered ? waitSeconds : 0);
    if (closing.signal.aborted) return false;
    if (changed !== undefined && changed.sha256 !== served?.sha256) await onChange(changed.supergraphSdl);
    return changed !== undefined;
  }

  function keep(signed: SignedSupergraph): void {
    if (cacheFile === undefined) return;
    writing = writing
      .then(() => keepSupergraph(cacheFile, signed))
      .catch((err: unknown) => {
        logger.warn(
          { err, file: cacheFile },
          'the supergraph cannot be kept on disk: without the registry, no start',
        );
      });
  }

  return {
    description: client.url,
    async read() {
      // It is what tells an old answer from a new one.
      await readFile();
      const answer = await ask(0);
      return (answer ?? (newest as SignedSupergraph)).supergraphSdl;
    },
    async readKept() {
      await readFile();
      return kept?.supergraphSdl;
    },
    watch(onChange) {
      // What was kept is not asked for again, unless something newer was seen and refused.
      newest ??= kept;
      void longPolls({ backoff, minIntervalMs, signal: closing.signal, poll: () => poll(onChange) });
    },
    adopted(supergraphSdl) {
      const before = served;
      if (newest?.supergraphSdl === supergraphSdl) {
        solved();
        keep(newest);
      } else if (kept?.supergraphSdl === supergraphSdl) {
        served = kept;
        from = 'disk';
      }
      if (before !== undefined && served !== undefined && served.version < before.version) {
        logger.warn(
          { from: before.version, to: served.version },
          'the registry went back to an older supergraph',
        );
      }
    },
    refused(supergraphSdl, error) {
      if (newest?.supergraphSdl !== supergraphSdl) return;
      const { version } = newest;
      const reason = new RegistryProblem('unservable', `version ${version} cannot be served`, {
        cause: error,
      });
      unservable = { signed: newest, reason };
      failed(reason);
    },
    mostUsedOperations: (limit) => readMostUsed(client, limit, closing.signal),
    reportUsage: (report, signal) => client.postJson('v1/usage', report, signal),
    status: () => ({
      from,
      version: served?.version,
      confirmedAt,
      problem,
      answers: [...answers].map(([outcome, value]) => ({ outcome, value })),
    }),
    async close() {
      closing.abort();
      await writing;
    },
  };
}

function kindOf(error: unknown): RegistryProblemKind {
  return error instanceof RegistryProblem ? error.kind : 'garbage';
}
