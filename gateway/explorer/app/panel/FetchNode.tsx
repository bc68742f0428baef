import { useId, useState } from 'react';
import type { Run } from '../state/run';
import { FetchDetails } from './FetchDetails';
import { type FetchRow, fetchName } from './fetchRows';
import { milliseconds, OUTCOME_WORDS } from './words';

interface FetchNodeProps {
  readonly row: FetchRow;
  readonly run: Run;
  readonly onPurge: ((tag: string) => void) | undefined;
}

/** One fetch: a line that says it all, and everything else below it on demand. */
export function FetchNode({ row, run, onPurge }: FetchNodeProps) {
  const [isOpen, setOpen] = useState(false);
  const detailsId = useId();
  const { fetch, traces, outcome } = row;
  const start = Math.min(...traces.map(({ startMs }) => startMs));
  const end = Math.max(...traces.map(({ endMs }) => endMs));
  const took = traces.length === 0 ? '' : milliseconds(end - start);
  const asked = traces.reduce((sum, { representations = 0 }) => sum + representations, 0);
  const saved = traces.reduce((sum, trace) => sum + (trace.saved ?? 0), 0);
  const word = outcome === 'not run' ? 'not run' : OUTCOME_WORDS[outcome];
  return (
    <li className={`hg-fetch hg-is-${outcome.replace(' ', '-')}`}>
      <button
        type="button"
        className="hg-fetch-line"
        aria-expanded={isOpen}
        aria-controls={detailsId}
        onClick={() => setOpen(!isOpen)}
      >
        <span className="hg-outcome">{word}</span>
        <span className="hg-fetch-name">
          <strong>{fetch.subgraph}</strong> {fetchName(fetch)}
          {asked > 0 && (
            <span className="hg-muted">
              {' '}
              × {asked}
              {saved > 0 && `, ${saved} saved`}
            </span>
          )}
        </span>
        <span className="hg-took">{took}</span>
        <Bars row={row} totalMs={run.trace?.durationMs ?? 0} />
      </button>
      <div id={detailsId} hidden={!isOpen}>
        {isOpen && <FetchDetails row={row} run={run} onPurge={onPurge} />}
      </div>
    </li>
  );
}

/** Where in the run it was: faint while it waited for the caches, full while it waited for the subgraph. */
function Bars({ row, totalMs }: { readonly row: FetchRow; readonly totalMs: number }) {
  const percent = (ms: number) => `${Math.min(100, (100 * ms) / Math.max(totalMs, 0.001))}%`;
  return (
    <span className="hg-lane" aria-hidden="true">
      {row.traces.map((trace) => (
        <span key={trace.startMs}>
          <span
            className="hg-bar"
            style={{ left: percent(trace.startMs), width: percent(trace.endMs - trace.startMs) }}
          />
          {trace.requests.map(({ startMs, endMs = trace.endMs }) => (
            <span
              key={startMs}
              className="hg-bar hg-bar-sent"
              style={{ left: percent(startMs), width: percent(endMs - startMs) }}
            />
          ))}
        </span>
      ))}
    </span>
  );
}
