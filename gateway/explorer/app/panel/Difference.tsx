import type { Run } from '../state/run';
import { type FetchRow, fetchesOf, fetchName, fetchRow } from './fetchRows';
import { milliseconds, size } from './words';

interface DifferenceProps {
  readonly before: Run;
  readonly after: Run;
}

/** What was different when the same operation ran before. */
export function Difference({ before, after }: DifferenceProps) {
  const fetches = fetchesOf(after.plan ?? before.plan);
  const total = (run: Run) => milliseconds(run.trace?.durationMs ?? run.durationMs);
  return (
    <section className="hg-difference" aria-label="Difference to the run before">
      <h3>Compared with the run before</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">Fetch</th>
            <th scope="col">Before</th>
            <th scope="col">Now</th>
          </tr>
        </thead>
        <tbody>
          {fetches.map((fetch) => {
            const [was, is] = [fetchRow(fetch, before), fetchRow(fetch, after)];
            return (
              <tr key={fetch.fetchId} className={was.outcome === is.outcome ? '' : 'hg-changed'}>
                <th scope="row">
                  {fetch.subgraph} <span className="hg-muted">{fetchName(fetch)}</span>
                </th>
                <td>{cell(was)}</td>
                <td>{cell(is)}</td>
              </tr>
            );
          })}
          <tr>
            <th scope="row">In all</th>
            <td>{total(before)}</td>
            <td>{total(after)}</td>
          </tr>
          <tr>
            <th scope="row">Response</th>
            <td>{size(before.bytes)}</td>
            <td>{size(after.bytes)}</td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}

function cell({ outcome, traces }: FetchRow): string {
  const took = traces.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  return traces.length === 0 ? outcome : `${outcome}, ${milliseconds(took)}`;
}
