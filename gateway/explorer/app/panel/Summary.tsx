import type { Run } from '../state/run';
import { milliseconds, plural, size } from './words';

/** One run in a handful of numbers. */
export function Summary({ run }: { readonly run: Run }) {
  const { trace, durationMs, bytes, xCache, errors } = run;
  const requests = trace?.fetches.reduce((sum, fetch) => sum + fetch.requests.length, 0);
  const saved = trace?.fetches.reduce((sum, fetch) => sum + (fetch.saved ?? 0), 0) ?? 0;
  return (
    <dl className="hg-summary">
      <div>
        <dt>Executed in</dt>
        <dd>{milliseconds(trace?.durationMs ?? durationMs)}</dd>
      </div>
      {trace !== undefined && (
        <div>
          <dt>Requests to subgraphs</dt>
          <dd>
            {requests} <small>of {plural(trace.fetches.length, 'fetch', 'fetches')}</small>
          </dd>
        </div>
      )}
      {trace !== undefined && (
        <div>
          <dt>Entities saved</dt>
          <dd>{saved}</dd>
        </div>
      )}
      <div>
        <dt>Response</dt>
        <dd>{size(bytes)}</dd>
      </div>
      {trace === undefined && (
        <div>
          <dt>Cache</dt>
          <dd>{xCache ?? 'not cached'}</dd>
        </div>
      )}
      {errors > 0 && (
        <div className="hg-bad">
          <dt>Errors</dt>
          <dd>{errors}</dd>
        </div>
      )}
    </dl>
  );
}
