import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import type { ExplorerSettings } from '../../explorerSettings';
import { purgeTag } from '../network/purge';
import { changeState, useExplorerState } from '../state/store';
import { Access, neededTokens } from './Access';
import { Difference } from './Difference';
import { Freshness } from './Freshness';
import { LiveEvents } from './LiveEvents';
import { Operation } from './Operation';
import { PlanTree } from './PlanTree';
import { Summary } from './Summary';

/** Beside the result: how it came about. */
export function PlanPanel({ settings }: { readonly settings: ExplorerSettings }) {
  const state = useExplorerState();
  const { run: runAgain } = useGraphiQLActions();
  const isFetching = useGraphiQL(({ isFetching }) => isFetching);
  const operations = useGraphiQL(({ operations }) => operations);
  const { run, previous, live, notice, isTracing, adminToken } = state;

  async function purge(tag: string): Promise<void> {
    try {
      const purged = await purgeTag(tag, adminToken);
      // What is in the editor runs, and that may have become something that writes.
      if (operations?.every(({ operation }) => operation === 'query')) {
        runAgain();
        changeState({ notice: `${purged} Ran the query again.` });
      } else {
        changeState({ notice: `${purged} What is written is no query: it was not run again.` });
      }
    } catch (error) {
      changeState({ notice: `Not purged: ${error instanceof Error ? error.message : String(error)}` });
    }
  }

  const needs = neededTokens(settings);
  const needsTokens = needs.explorer || needs.admin;
  const mayPurge = settings.purge === 'open' || (settings.purge === 'token' && adminToken !== '');
  return (
    <section className="hg-panel" aria-label="Plan and cache" data-run={run?.id ?? 0}>
      <header className="hg-head">
        <h2>Plan &amp; cache</h2>
        <label className="hg-switch">
          <input
            type="checkbox"
            checked={isTracing}
            disabled={settings.trace === 'off'}
            onChange={({ target }) => changeState({ isTracing: target.checked })}
          />
          Trace
        </label>
        <button type="button" className="hg-button" disabled={isFetching} onClick={() => runAgain()}>
          Run again
        </button>
      </header>
      <output className="hg-notice" aria-live="polite">
        {notice}
      </output>
      {needsTokens && <Access settings={settings} />}
      {live !== undefined && <LiveEvents live={live} />}
      {run === undefined && live === undefined && <Welcome settings={settings} />}
      {run !== undefined && (
        <>
          <Summary run={run} />
          {run.trace !== undefined && <Freshness run={run} />}
          {run.plan !== undefined && (
            <PlanTree run={run} onPurge={mayPurge ? (tag) => void purge(tag) : undefined} />
          )}
          {run.trace === undefined && <NoTrace settings={settings} isTracing={isTracing} />}
          {previous !== undefined && <Difference before={previous} after={run} />}
          <Operation run={run} />
        </>
      )}
      {!needsTokens && <Access settings={settings} />}
    </section>
  );
}

function Welcome({ settings }: { readonly settings: ExplorerSettings }) {
  return (
    <div className="hg-empty">
      <p>Run a query, and see here how the gateway answered it:</p>
      <ul>
        <li>which subgraphs it asked, in which order, and how long each took</li>
        <li>what came from the cache, for how long that holds, and under which tags</li>
        <li>what keeps the answer from being cached</li>
      </ul>
      {settings.identityHeader !== undefined && (
        <p>
          Who asks is said by the header <code>{settings.identityHeader}</code>: set it under “Headers”.
        </p>
      )}
    </div>
  );
}

function NoTrace({
  settings,
  isTracing,
}: {
  readonly settings: ExplorerSettings;
  readonly isTracing: boolean;
}) {
  if (settings.trace === 'off') {
    return (
      <p className="hg-empty">
        This gateway shows no traces. <code>gateway.explorer.trace</code> switches them on.
      </p>
    );
  }
  if (!isTracing) {
    return (
      <p className="hg-empty">
        Tracing is off: the answer is what any client would get, whole from the cache where it is there.
        Switch “Trace” on to see the plan.
      </p>
    );
  }
  return (
    <p className="hg-empty">
      {settings.trace === 'token'
        ? 'There is no trace: the operation did not run, or the explorer token is missing or wrong.'
        : 'There is no trace: the operation did not get as far as being run.'}
    </p>
  );
}
